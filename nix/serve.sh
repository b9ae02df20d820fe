# serve.sh DARLING PREFIX: the forced command of a build machine's ssh key. Of all that a client
# may ask for it runs the two services of Nix, in the prefix.
set -euo pipefail
darling=$1
export DPREFIX=$2

case $(printf %s "${SSH_ORIGINAL_COMMAND-}" | tr -d "'") in
'nix-daemon --stdio') service='nix-daemon --stdio' ;;
'nix-store --serve --write') service='nix-store --serve --write' ;;
*)
    echo "this key is for Nix builds: ssh-ng:// or ssh://, nothing else" >&2
    exit 126
    ;;
esac

# What boots the container keeps its output open for good, and stdin may not be a socket there,
# which sshd's is: so it is booted by a call of its own, and pipes stand on both sides.
"$darling" shell /usr/bin/true </dev/null >/dev/null 2>&1
# All processes of a prefix have one real uid, so building as other users cannot work.
# shellcheck disable=SC2086 # its words
cat | "$darling" shell /usr/bin/env 'NIX_CONFIG=build-users-group =' \
    "/nix/var/nix/profiles/default/bin/"$service | cat
