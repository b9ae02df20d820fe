"""A Darwin-like root in which Nix can be installed, and Debian's Nix made into an installer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.clients import nixpkg
from tests.darwin import tree
from tests.darwin.layout import LIBRARY
from tests.darwin.root import DarwinRoot, Result

SCRIPTS = Path(__file__).absolute().parent / "scripts"
INSTALLER = "/tmp/nix-2.8.0-x86_64-darwin"
#: Store paths; each has a hash of its own, as Nix finds references by them.
NIX, MANUAL, CACERT = (f"/nix/store/{digit * 32}-{name}" for digit, name in
                       zip("123", ("nix-2.8.0", "nix-manual-2.8.0", "nss-cacert-3.1"),
                           strict=True))
PLACEHOLDERS = {"@nix@": NIX, "@nix-manual@": MANUAL, "@cacert@": CACERT, "@macos@": "10"}

#: Offline, and without a build environment of its own; Nix 2.8 does not start without its hook.
CONFIGURATION = ("sandbox = false\nsubstitute = false\nsubstituters =\n"
                 f"build-hook = {NIX}/libexec/build-remote\n")
COUNT = 3

SW_VERS = "#!/bin/sh\necho 11.7.4\n"
#: Says of / what diskutil says of a volume with owners; the rest of it is not asked for.
DISKUTIL = ("#!/bin/sh\necho '<plist><dict><key>GlobalPermissionsEnabled</key><true/></dict>"
            "</plist>'\n")
XMLLINT = "#!/bin/sh\ncat >/dev/null\necho '<true/>'\n"

PROFILE = f"""\
export NIX_PROFILES="/nix/var/nix/profiles/default $HOME/.nix-profile"
export PATH="$HOME/.nix-profile/bin:/nix/var/nix/profiles/default/bin:$PATH"
export NIX_SSL_CERT_FILE={CACERT}/etc/ssl/certs/ca-bundle.crt
"""

#: The admin command with the one subcommand that needs no package beside the standard library.
ADMIN = f"""#!/usr/bin/python3 -IS
import sys
sys.path.insert(0, "{LIBRARY}")
from dirserv.admin import main
main.MODULES = {{"nix": main.MODULES["nix"]}}
sys.exit(main.main(sys.argv[1:]))
"""

# Copies Debian's programs into store paths, registers them, and takes them from the root itself.
PAYLOAD = f"""set -e
export NIX_STATE_DIR=/tmp/state NIX_STORE_DIR=/nix/store NIX_REMOTE=
store={INSTALLER}/store
for path in {NIX} {MANUAL} {CACERT}; do mkdir -p $store/${{path##*/}}; done
bin=$store/{NIX[11:]}/bin
mkdir $bin
cp /usr/bin/nix $bin/nix
mkdir $bin/../libexec
ln -s ../bin/nix $bin/../libexec/build-remote
for link in /usr/bin/nix-*; do ln -s nix $bin/${{link##*/}}; done
tar -x -f /tmp/additions.tar -C $store
chmod -R a-w $store/*
for path in {NIX} {MANUAL} {CACERT}; do
    copy=$store/${{path##*/}}
    echo $path
    nix-hash --type sha256 $copy
    nix-store --dump $copy | wc -c
    echo; echo 0
done >{INSTALLER}/.reginfo
rm -rf /usr/bin/nix /usr/bin/nix-* /tmp/state
"""

FAILING = """#!/bin/sh
[ "$1" != {word} ] || {{ echo '{said}' >&2; exit {status}; }}
exec {program}.real "$@"
"""

#: Everything that an installation may leave behind, with contents and modes.
STATE = """
cd /
find etc/bash* etc/zsh* etc/profile* etc/passwd etc/master.passwd etc/group etc/fish usr/local/etc \
    Library var/root var/log/nix* nix var/db/dslocal -not -name launchd.log \
    -not -path 'var/root/.local*' ! -type d -exec ls -l --time-style=+ {} + 2>/dev/null
cat etc/bash* etc/zsh* etc/passwd etc/master.passwd etc/group 2>/dev/null
ls -a var/root | grep -v '^[.]local$'
launchctl list | grep -c nix
:
"""


class Site:
    """A root with everything that `darling-dirserv nix` needs."""

    def __init__(self, root: DarwinRoot) -> None:
        self.root = root

    def prepare(self, debs: list[Path]) -> None:
        """Make the installer of ours at INSTALLER, and what it needs of macOS."""
        nixpkg.unpack(self.root, debs)
        plist = nixpkg.plist("/nix/var/nix/profiles/default/bin").decode()
        additions = [
            tree.text(f"{NIX[10:]}/Library/LaunchDaemons/org.nixos.nix-daemon.plist", plist),
            tree.text(f"{NIX[10:]}/etc/profile.d/nix-daemon.sh", PROFILE),
            tree.text(f"{MANUAL[10:]}/share/man/man1/x.1", "x\n"),
            tree.text(f"{CACERT[10:]}/etc/ssl/certs/ca-bundle.crt", "none\n"),
        ]
        self.root.install([
            tree.program("/usr/bin/sw_vers", SW_VERS),
            tree.program("/usr/sbin/diskutil", DISKUTIL),
            tree.program("/usr/bin/xmllint", XMLLINT),
            tree.program("/usr/local/bin/darling-dirserv", ADMIN),
            tree.directory("/Library/LaunchDaemons"),
            tree.text("/etc/bashrc", "PS1=x\n"),
            tree.Entry("/tmp/additions.tar", data=tree.archive(additions)),
        ])
        self.root.must("sh", "-c", "mkdir -p /nix && mount -t tmpfs -o mode=0755 tmpfs /nix")
        self.root.must("mkdir", "-p", INSTALLER)
        self.root.must("sh", "-c", PAYLOAD)
        self.configure()
        self.scripts({path.name: path.read_text() for path in SCRIPTS.iterdir()})

    def scripts(self, texts: Mapping[str, str]) -> None:
        """Put an installer's scripts in place, their placeholders filled in as a release's."""
        for name, text in texts.items():
            for mark, value in PLACEHOLDERS.items():
                text = text.replace(mark, value)
            self.root.install([tree.program(f"{INSTALLER}/{name}", text)])

    def configure(self) -> None:
        """What an admin set up before there was a Nix."""
        self.root.install([tree.text("/etc/nix/nix.conf", CONFIGURATION)])

    def state(self) -> str:
        """All that an installation changes, but /etc/nix, which goes with it."""
        return self.root.must("sh", "-c", STATE)

    @contextmanager
    def failing(self, program: str, word: str, status: int, said: str) -> Iterator[None]:
        """A program of the root fails when its first argument is `word`."""
        self.root.must("mv", program, f"{program}.real")
        self.root.install([tree.program(program, FAILING.format(
            program=program, word=word, status=status, said=said))])
        try:
            yield
        finally:
            self.root.must("mv", f"{program}.real", program)

    def nix(self, *words: str, env: Mapping[str, str] | None = None, input: str = "") -> Result:
        """`darling-dirserv nix ACTION --prefix / ...`."""
        action, *more = words
        argv = ["/usr/local/bin/darling-dirserv", "nix", action, "--prefix", "/", *more]
        return self.root.run(argv, env={"NIX_EXTRA_CONF": CONFIGURATION, **(env or {})},
                             input=input, timeout=300)

    def install(self, *words: str, env: Mapping[str, str] | None = None) -> Result:
        """Install what lies at INSTALLER, for COUNT users and without a channel."""
        return self.nix("install", *words, INSTALLER, "--", "--no-channel-add",
                        "--daemon-user-count", str(COUNT), env=env)

    def checks(self) -> dict[str, bool | None]:
        """What `verify` finds, by name."""
        return marks(json.loads(self.nix("verify", "--json").stdout))


def marks(result: Mapping[str, Sequence[Mapping[str, bool | None]]]) -> dict[str, bool | None]:
    """Check -> whether it is good, of a JSON result."""
    return {str(row["check"]): row["ok"] for row in result["checks"]}
