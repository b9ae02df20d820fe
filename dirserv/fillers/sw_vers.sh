#!/bin/sh
# sw_vers: the version that the prefix's SystemVersion.plist says, or the one chosen at install.
# Options in one or two dashes, the last one counts; texts as of macOS 11 (a tab) and 13 (two).

sv_chosen='@SYSTEM_VERSION@'
sv_root='@ROOT@'
[ -d "$sv_root/" ] || sv_root= # in a chroot its path outside means nothing

sv_usage='Usage: sw_vers [--help|--productName|--productVersion|--productVersionExtra|--buildVersion]'
sv_what=all
for sv_word; do
    case $sv_word in
    --?* | -??*) sv_option=${sv_word#-} sv_option=${sv_option#-} ;;
    *) sv_option=$sv_word ;;
    esac
    case $sv_word:$sv_option in
    -*:[Pp]roductName | -*:productname) sv_what=name ;;
    -*:[Pp]roductVersion | -*:productversion) sv_what=version ;;
    -*:[Pp]roductVersionExtra | -*:productversionextra) sv_what=extra ;;
    -*:[Bb]uildVersion | -*:buildversion) sv_what=build ;;
    -*:help)
        printf '%s\n' "$sv_usage"
        exit 0
        ;;
    -*)
        printf "sw_vers: unrecognized option \`%s'\n" "$sv_word" >&2
        printf '%s\n' "$sv_usage"
        exit 1
        ;;
    esac
done

# The compatible version is what a Mac says to programs that cannot count beyond 10.
sv_file=$sv_root/System/Library/CoreServices/SystemVersion.plist
[ "${SYSTEM_VERSION_COMPAT-}" != 1 ] || [ ! -r "${sv_file%.plist}Compat.plist" ] ||
    sv_file=${sv_file%.plist}Compat.plist

sv_name= sv_version= sv_extra= sv_build= sv_key=
[ ! -r "$sv_file" ] || while read -r sv_line || [ -n "$sv_line" ]; do
    case $sv_line in *'<key>'*'</key>'*) sv_key=${sv_line#*<key>} sv_key=${sv_key%%</key>*} ;; esac
    case $sv_line in
    *'<string>'*'</string>'*) sv_value=${sv_line#*<string>} sv_value=${sv_value%%</string>*} ;;
    *) continue ;;
    esac
    case $sv_key in
    ProductName) sv_name=$sv_value ;;
    ProductVersion) sv_version=$sv_value ;;
    ProductVersionExtra) sv_extra=$sv_value ;;
    ProductBuildVersion) sv_build=$sv_value ;;
    esac
done <"$sv_file"
if [ -z "$sv_name$sv_version$sv_build" ]; then
    sv_error='**** ERROR **** Unknown error loading system version plist: missing or malformed'
    printf '%s\n' "$sv_error" >&2
    exit 1
fi
[ "${SYSTEM_VERSION_COMPAT-}" = 1 ] || sv_version=${sv_chosen:-$sv_version}

case $sv_what in
name) printf '%s\n' "$sv_name" ;;
version) printf '%s\n' "$sv_version" ;;
extra) [ -z "$sv_extra" ] || printf '%s\n' "$sv_extra" ;;
build) printf '%s\n' "$sv_build" ;;
all)
    sv_tab='	'
    case ${sv_version%%.*} in [0-9] | 1[012]) ;; *) sv_tab=$sv_tab$sv_tab ;; esac
    printf 'ProductName:%s%s\nProductVersion:%s%s\n' "$sv_tab" "$sv_name" "$sv_tab" "$sv_version"
    [ -z "$sv_extra" ] || printf 'ProductVersionExtra:\t%s\n' "$sv_extra"
    printf 'BuildVersion:%s%s\n' "$sv_tab" "$sv_build"
    ;;
esac
