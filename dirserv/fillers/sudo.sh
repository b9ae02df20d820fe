#!/bin/sh
# sudo for a Darling prefix: the options of the real one (sudo(8), 1.9 on macOS 11), over Darling's
# own sudo, which changes the emulated ids but knows only "-u UID -g GID".
#
# Builtins only, so that it costs no process but the shell itself. It runs in bash 3.2 and dash;
# every name begins with sd_, since a name that the caller has exported would reach the command.
# The environment is handed on whole, as Darling's sudo does: there is nothing for -E to ask for.
# The command is waited for, not exec'd: should it be a Linux program, Darling would otherwise
# report the end of this very process the moment that program starts.

sd_original='@ORIGINAL@'
sd_root='@ROOT@'
[ -d "$sd_root/" ] || sd_root= # in a chroot its path outside means nothing

sd_fail() {
    printf 'sudo: %s\n' "$1" >&2
    exit 1
}

sd_usage() {
    printf '%s\n' \
        'usage: sudo -h | -K | -k | -V' \
        'usage: sudo -v [-AknS] [-g group] [-h host] [-p prompt] [-u user]' \
        'usage: sudo -l [-AknS] [-g group] [-h host] [-p prompt] [-U user] [-u user]' \
        '            [command]' \
        'usage: sudo [-AbEHknPS] [-C num] [-D directory] [-g group] [-h host] [-p' \
        '            prompt] [-R directory] [-T timeout] [-u user] [VAR=value] [-i|-s]' \
        '            [<command>]' \
        'usage: sudo -e [-AknS] [-C num] [-D directory] [-g group] [-h host] [-p prompt]' \
        '            [-R directory] [-T timeout] [-u user] file ...'
}

sd_misuse() {
    [ $# -eq 0 ] || printf 'sudo: %s\n' "$1" >&2
    sd_usage >&2
    exit 1
}

# sd_find FILE FIELD VALUE: the line of passwd or group whose field (1: name, 3: id) has the value,
# in sd_1 to sd_7.
sd_find() {
    [ -r "$sd_root/etc/$1" ] || return 1
    while IFS=: read -r sd_1 sd_2 sd_3 sd_4 sd_5 sd_6 sd_7 || [ -n "$sd_1" ]; do
        case $2 in 1) sd_found=$sd_1 ;; *) sd_found=$sd_3 ;; esac
        [ "$sd_found" != "$3" ] || return 0
    done <"$sd_root/etc/$1"
    return 1
}

# sd_lookup FILE TEXT: by name, else by id: "#501" is sudo's way to give one, "501" Darling's.
sd_lookup() {
    sd_find "$1" 1 "$2" && return
    case ${2#'#'} in '' | *[!0-9]*) return 1 ;; esac
    sd_find "$1" 3 "${2#'#'}"
}

# sd_option LETTER VALUE
sd_option() {
    case $1 in
    A | B | E | n | P | p | S) ;; # nobody is asked for a password, and everything is preserved
    k) sd_alone=1 ;;
    K | v) sd_alone=1 sd_only=1 ;;
    b) sd_background=1 ;;
    g) sd_group=$2 ;;
    H) sd_home=1 ;;
    i) sd_login=1 ;;
    l) sd_list=1 ;;
    s) sd_shell=1 ;;
    u) sd_user=$2 ;;
    V)
        printf 'sudo of darling-dirserv, over %s\n' "${sd_original:-nothing}"
        exit 0
        ;;
    h)
        printf 'sudo - execute a command as another user\n\n'
        sd_usage
        exit 0
        ;;
    *) sd_fail "the option -$1 cannot be honoured here: leave it out" ;;
    esac
}

# sd_letter_of NAME: the letter of a long option, with a colon behind it if it takes a value.
sd_letter_of() {
    case $1 in
    askpass) sd_letter=A ;; background) sd_letter=b ;; bell) sd_letter=B ;;
    chdir) sd_letter=D: ;; chroot) sd_letter=R: ;; close-from) sd_letter=C: ;;
    command-timeout) sd_letter=T: ;; edit) sd_letter=e ;; group) sd_letter=g: ;;
    help) sd_letter=h ;; host) sd_letter=X: ;; list) sd_letter=l ;; login) sd_letter=i ;;
    non-interactive) sd_letter=n ;; other-user) sd_letter=U: ;; preserve-env) sd_letter=E ;;
    preserve-groups) sd_letter=P ;; prompt) sd_letter=p: ;; remove-timestamp) sd_letter=K ;;
    reset-timestamp) sd_letter=k ;; set-home) sd_letter=H ;; shell) sd_letter=s ;;
    stdin) sd_letter=S ;; user) sd_letter=u: ;; validate) sd_letter=v ;;
    version) sd_letter=V ;;
    *) sd_misuse "unrecognized option \`--$1'" ;;
    esac
}

sd_user= sd_group= sd_home= sd_login= sd_shell= sd_list= sd_background= sd_alone= sd_only=
while [ $# -gt 0 ]; do
    case $1 in
    --)
        shift
        break
        ;;
    --*=*)
        sd_word=${1#--} sd_value=${1#*=}
        sd_letter_of "${sd_word%%=*}"
        case $sd_letter in
        ?: | E) sd_option "${sd_letter%:}" "$sd_value" ;;
        *) sd_misuse "option \`--${sd_word%%=*}' doesn't allow an argument" ;;
        esac
        shift
        ;;
    --*)
        sd_letter_of "${1#--}"
        case $sd_letter in
        ?:)
            [ $# -gt 1 ] || sd_misuse "option \`$1' requires an argument"
            sd_option "${sd_letter%:}" "$2"
            shift
            ;;
        *) sd_option "$sd_letter" '' ;;
        esac
        shift
        ;;
    -?*)
        sd_word=${1#-}
        shift
        while [ -n "$sd_word" ]; do
            sd_rest=${sd_word#?}
            sd_letter=${sd_word%"$sd_rest"}
            case $sd_letter in
            [CDgpRTuU])
                if [ -z "$sd_rest" ]; then
                    [ $# -gt 0 ] || sd_misuse "option requires an argument -- $sd_letter"
                    sd_rest=$1
                    shift
                fi
                sd_option "$sd_letter" "$sd_rest"
                sd_word=
                ;;
            [AbBeEHhiKklnPsSVv])
                sd_option "$sd_letter" ''
                sd_word=$sd_rest
                ;;
            *) sd_misuse "invalid option -- $sd_letter" ;;
            esac
        done
        ;;
    /* | =*) break ;;
    *=*)
        case ${1%%=*} in
        [0-9]* | *[!A-Za-z0-9_]*) sd_fail "${1%%=*} cannot be set from here: use env(1)" ;;
        esac
        export "$1"
        shift
        ;;
    *) break ;;
    esac
done

[ -z "$sd_login$sd_shell" ] || [ "$sd_login$sd_shell" = 1 ] ||
    sd_misuse 'you may not specify both the -i and -s options'
[ -z "$sd_only" ] || [ $# -eq 0 ] || sd_misuse
[ $# -gt 0 ] || [ -n "$sd_login$sd_shell$sd_list" ] || {
    [ -z "$sd_alone" ] || exit 0 # nothing is remembered that could be refreshed or forgotten
    sd_misuse
}

# bash knows who calls; another shell has to ask.
sd_caller=${EUID:-$(id -u)}
sd_caller_name=${USER:-root} sd_caller_gid=$sd_caller sd_caller_shell=
if sd_find passwd 3 "$sd_caller"; then
    sd_caller_name=$sd_1 sd_caller_gid=$sd_4 sd_caller_shell=$sd_7
fi

# With a group alone the user stays.
[ -n "$sd_user" ] || [ -z "$sd_group" ] || sd_user=$sd_caller_name
if sd_lookup passwd "${sd_user:-root}"; then
    sd_name=$sd_1 sd_uid=$sd_3 sd_gid=$sd_4 sd_dir=$sd_6 sd_program=$sd_7
elif [ "${sd_user:-root}" = root ]; then
    sd_name=root sd_uid=0 sd_gid=0 sd_dir=/var/root sd_program=/bin/sh
else
    sd_fail "unknown user: $sd_user"
fi
if [ -n "$sd_group" ]; then
    sd_lookup group "$sd_group" || sd_fail "unknown group: $sd_group"
    sd_gid=$sd_3
fi

if [ -n "$sd_list" ]; then
    [ -n "$sd_original" ] || sd_fail 'there is no list of privileges here: everything is allowed'
    "$sd_original" -l "$@"
    exit $?
fi

# sd_shell_line WORD...: one line for a shell's -c; sudo(8) names the characters it leaves alone.
sd_shell_line() {
    sd_line=
    for sd_word; do
        sd_line=${sd_line:+$sd_line }
        while [ -n "$sd_word" ]; do
            sd_rest=${sd_word#?}
            sd_letter=${sd_word%"$sd_rest"}
            case $sd_letter in [-A-Za-z0-9_\$]) ;; *) sd_letter=\\$sd_letter ;; esac
            sd_line=$sd_line$sd_letter sd_word=$sd_rest
        done
    done
}

[ -z "$sd_home$sd_login" ] || export HOME="$sd_dir"
if [ -n "$sd_login$sd_shell" ]; then
    [ -n "$sd_login" ] || sd_program=${SHELL:-${sd_caller_shell:-/bin/sh}}
    [ -z "$sd_login" ] || export SHELL="$sd_program"
    [ $# -eq 0 ] || {
        sd_shell_line "$@"
        set -- -c "$sd_line"
    }
    set -- "${sd_program:-/bin/sh}" ${sd_login:+-l} "$@"
    [ -z "$sd_login" ] || cd "$sd_dir" 2>/dev/null ||
        printf 'sudo: unable to change directory to %s\n' "$sd_dir" >&2
fi

case $1 in
-*) sd_found= ;; # Darling's sudo would take it for an option
*/*) [ -x "$1" ] && [ ! -d "$1" ] && sd_found=1 || sd_found= ;;
*) command -v "$1" >/dev/null && sd_found=1 || sd_found= ;;
esac
[ -n "$sd_found" ] || sd_fail "$1: command not found"

export SUDO_USER="$sd_caller_name" SUDO_UID="$sd_caller" SUDO_GID="$sd_caller_gid"
export SUDO_COMMAND="$*" USER="$sd_name" LOGNAME="$sd_name"
if [ -n "$sd_original" ]; then
    set -- "$sd_original" -u "$sd_uid" -g "$sd_gid" "$@"
elif [ "$sd_uid" != "$sd_caller" ]; then
    sd_fail "cannot become $sd_name: this system has no sudo of its own to ask"
fi
if [ -n "$sd_background" ]; then
    "$@" &
    exit 0
fi
"$@"
exit $?
