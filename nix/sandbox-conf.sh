# sandbox-conf.sh PREFIX MODE STRICT: say in a prefix what its sandbox-exec is to do.
#
# The file is written as the prefix's owner, and where the prefix's programs see it: a running
# container never sees what the host puts below its overlay.
set -eu
prefix=$1 mode=$2 strict=$3
place=$prefix/private/etc/sandbox-exec.conf

# shellcheck disable=SC2016 # the inner shell's own arguments
set -- /bin/sh -euc 'umask 022
    printf "mode = %s\nstrict = %s\n" "$2" "$3" >"$1.new"
    mv -fT "$1.new" "$1"' sh "$place" "$mode" "$strict"
if [ "$(id -u)" = 0 ]; then
    ids="--reuid=$(stat -c %u "$prefix") --regid=$(stat -c %g "$prefix")"
    # shellcheck disable=SC2086 # two words
    set -- setpriv $ids --clear-groups "$@"
    pid=$(cat "$prefix/.init.pid" 2>/dev/null || :)
    if [ -n "$pid" ] && [ -e "/proc/$pid/root$prefix/.init.pid" ]; then
        set -- nsenter --target "$pid" --mount "$@"
    fi
fi
exec "$@"
