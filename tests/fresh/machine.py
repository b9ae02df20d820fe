"""A clean Debian: as much as the README asks for, and an ordinary user.

It is unpacked by debootstrap into the cache once. What runs in it does so in a copy in memory, in
a mount, process, ipc and uts namespace of its own: with the last process all of that is gone. The
network is the machine's, as packages have to be fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.clients import archive
from tests.darwin.layout import CHECKOUT
from tests.darwin.requirements import namespace_obstacle
from tests.fresh import pip_settings

PACKAGES = ("ca-certificates", "git", "make", "python3", "python3-venv")
TOOLS = ("debootstrap", "git", "unshare", "setpriv")
USER, USER_ID = "builder", 1000
BUNDLE = "/srv/checkout.bundle"
#: Files of the machine without which nothing can be fetched.
BORROWED = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")
LIMIT = 3600.0  # seconds for all that is run in one machine

# Arguments: the unpacked Debian, what is put over it, a uid, places to show at the same path, --,
# the command. The mount point is any directory: it is covered in this namespace only.
ENTER = """
set -eu
base=$1 over=$2 uid=$3 root=/mnt; shift 3
mount -t tmpfs -o mode=0755,size=75% fresh "$root"
cp -a "$base/." "$root"
cp -a "$over/." "$root"
mount -t proc proc "$root/proc"
for tree in /dev /sys; do mount --rbind "$tree" "$root$tree"; done
while [ "$1" != -- ]; do
    mkdir -p "$root$1"; mount --rbind -o ro "$1" "$root$1"; shift
done
shift
cd "$root"
pivot_root . . && umount -l . && cd /
exec setpriv --reuid="$uid" --regid="$uid" --clear-groups "$@"
"""


def obstacle() -> str | None:
    """Why no fresh machine can be made here, as a sentence, or None when one can."""
    if os.geteuid() != 0:
        return "a fresh machine needs root (debootstrap, namespaces): run as root"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"a fresh machine needs {', '.join(missing)}: install what is missing"
    if not (CHECKOUT / ".git").exists():
        return f"{CHECKOUT} is no git checkout that could be cloned"
    return namespace_obstacle()


def base() -> Path:
    """The unpacked Debian that every machine begins as, made once.

    Raises archive.ArchiveUnreachable with debootstrap's last words.
    """
    with archive.exclusive():
        release = _release()
        place = archive.cache() / f"fresh-{release}"
        if not place.exists():
            partial = place.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            _bootstrap(release, partial)
            partial.rename(place)
        return place


def _release() -> str:
    """This machine's own release, as debootstrap calls it."""
    said = ["sh", "-c", '. /etc/os-release; echo "$VERSION_CODENAME"']
    return subprocess.run(said, capture_output=True, text=True, check=True).stdout.strip()


def _bootstrap(release: str, place: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", release,
               str(place), *archive.archives()[:1]]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise archive.ArchiveUnreachable(" ".join(result.stdout.split()[-40:]))
    for step in (["apt-get", "clean"], ["useradd", "-m", "-u", str(USER_ID), USER]):
        subprocess.run(["chroot", str(place), *step], check=True, capture_output=True)


def run(
    script: str, user: bool, output: int | None = subprocess.PIPE, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a shell script on a new machine, as root or as the ordinary user, in the home directory.

    At BUNDLE it finds the checkout's last commit. Output and errors come as one text, or go to
    ours if ``output`` is None.
    Raises archive.ArchiveUnreachable, subprocess.TimeoutExpired.
    """
    home = f"/home/{USER}" if user else "/root"
    settings = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": home, "LC_ALL": "C.UTF-8", **env}
    inside = ["env", "-i", "-C", home, *(f"{key}={value}" for key, value in settings.items()),
              "sh", "-euc", script]
    namespaces = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
    with tempfile.TemporaryDirectory(prefix="fresh-machine-") as over:
        shown = _lay_over(Path(over))
        command = ["unshare", *namespaces, "--", "sh", "-c", ENTER, "sh", str(base()), over,
                   str(USER_ID if user else 0), *shown, "--", *inside]
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=LIMIT)


def _lay_over(over: Path) -> list[str]:
    """Make what a machine has beyond the clean Debian; returns the directories to show in it."""
    over.chmod(0o755)
    options = pip_settings.settings()
    places = pip_settings.places(options)
    for lent in [*BORROWED, *(str(place) for place in places if place.is_file())]:
        if Path(lent).exists():
            _parent(over, lent)
            shutil.copyfile(lent, f"{over}{lent}")
    _parent(over, "/etc/pip.conf").write_text(pip_settings.render(options))
    # A bundle, since git refuses to clone what belongs to another user.
    bundle = _parent(over, BUNDLE)
    subprocess.run(["git", "-C", str(CHECKOUT), "bundle", "create", "-q", str(bundle), "HEAD"],
                   check=True)
    return [str(place) for place in places if place.is_dir()]


def _parent(over: Path, path: str) -> Path:
    """Where a path of the machine lies below ``over``, with its directory made."""
    place = Path(f"{over}{path}")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def readme_script() -> str:
    """Clones the checkout and runs what the README promises to work."""
    text = (CHECKOUT / "README.md").read_text()
    section = text.partition("\n## Two commands\n")[2].partition("\n## ")[0]
    clone = f"git clone -q -c advice.detachedHead=false {BUNDLE} project"
    return "\n".join([clone, "cd project", *re.findall(r"^    (make \w+)", section, re.MULTILINE)])
