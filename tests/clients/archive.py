"""Packages and sources from the Debian-like archive that this machine itself uses.

Everything is fetched by apt's own programs with a private configuration: private package lists,
a private cache, no hooks.  The machine's lists, caches and packages are read, never changed.
No archive is named here: the addresses come from the machine's sources, or from ARCHIVE_SETTING.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.darwin.layout import CHECKOUT
from tests.evidence.notes import note_versions

ARCHIVE_SETTING = "DIRSERV_TEST_ARCHIVE"
HELPER = "/usr/lib/apt/apt-helper"
DISTRIBUTIONS = ("Debian|", "Ubuntu|")  # origins, as their Release files call themselves
LIMIT = 300  # seconds for one apt program
# Settings of the machine that would run its hooks or widen the download, or that only say which
# program printed them.
NOT_OURS = ("APT::Update::", "DPkg::", "Acquire::IndexTargets", "Binary", "CommandLine")
OURS = """
Dir::Etc::parts "/dev/null";
Dir::Etc::main "/dev/null";
Dir::State::lists "{home}/lists";
Dir::Cache "{home}";
Dir::Cache::archives "{home}/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Debug::NoLocking "true";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
APT::Sandbox::User "{user}";
"""
# A line of `apt-get install -s` about a package that this machine lacks; one about an upgrade of
# what it has says the present version in brackets before the new one.
LACKED = re.compile(r"^Inst (\S+) \((\S+) ", re.MULTILINE)


class ArchiveUnreachable(Exception):
    """The archive did not give what was asked for; the text says what apt answered."""


def cache() -> Path:
    """Where downloads are kept between runs: below the user's cache, else in the checkout."""
    base = os.environ.get("XDG_CACHE_HOME")
    place = Path(base, "darling-dirserv") if base else CHECKOUT / ".cache"
    directory = place / "clients"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@contextlib.contextmanager
def exclusive() -> Iterator[None]:
    """Hold the cache alone; parallel test workers wait here for the first one's downloads."""
    with open(cache() / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def apt(*command: str, cwd: Path | None = None) -> str:
    """Run one of apt's programs with the private configuration and return what it printed.

    Raises ArchiveUnreachable with the program's own error text.
    """
    try:
        result = subprocess.run(
            command,
            cwd=cwd,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise ArchiveUnreachable(f"{command[0]}: {error}") from error
    if result.returncode != 0:
        raise ArchiveUnreachable(f"{' '.join(command[:2])}: {' '.join(result.stderr.split())}")
    return result.stdout


def lacked(package: str) -> dict[str, str]:
    """The package and what it needs, as far as this machine lacks it: name to version.

    Empty when the machine has the package.  Raises ArchiveUnreachable when no archive knows it.
    """
    complaint = _update()
    try:
        plan = apt("apt-get", "install", "--simulate", "--no-install-recommends", package)
    except ArchiveUnreachable as error:
        raise ArchiveUnreachable(f"{error} {complaint}") from error
    return dict(LACKED.findall(plan))


def download(packages: Mapping[str, str], directory: Path) -> None:
    """Fetch these versions as .deb files into `directory`; their hashes are checked by apt."""
    if packages:
        names = [f"{name}={version}" for name, version in packages.items()]
        apt("apt-get", "download", *names, cwd=directory)


def packages(*names: str) -> list[Path]:
    """The .deb files that this machine lacks to have these packages, fetched once.

    Raises ArchiveUnreachable.
    """
    with exclusive():
        directory = cache() / f"{names[0]}-{_release()}"
        complete = directory / "complete"
        if not complete.exists():
            directory.mkdir(exist_ok=True)
            for name in names:
                download(lacked(name), directory)
            complete.touch()
        debs = sorted(directory.glob("*.deb"))
        note_versions(deb.name for deb in debs)
        return debs


def content(deb: Path) -> bytes:
    """A package's files as a tar stream; no maintainer script is in it."""
    command = ["dpkg-deb", "--fsys-tarfile", str(deb)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def fetch_from_pool(path: str, sha256: str, target: Path) -> None:
    """Fetch `pool/COMPONENT/<path>` of the first archive that has that very file.

    sha256: the file's expected hash, which apt compares.  Raises ArchiveUnreachable with the
    answer of every archive when none has it.
    """
    answers = []
    for archive in archives():
        for component in ("main", "universe"):
            uri = f"{archive.rstrip('/')}/pool/{component}/{path}"
            try:
                apt(HELPER, "download-file", uri, str(target), f"SHA256:{sha256}")
                return
            except ArchiveUnreachable as error:
                answers.append(str(error))
    reason = "; ".join(answers) or f"none is known {_update()}"
    raise ArchiveUnreachable(f"no archive gave {path}: {reason}")


def archives() -> list[str]:
    """The addresses of the distribution's archives; ARCHIVE_SETTING, when set, comes first."""
    named = os.environ.get(ARCHIVE_SETTING, "").split()
    _update()
    targets = apt("apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)").splitlines()
    known = [line.partition("|")[2] for line in targets if line.startswith(DISTRIBUTIONS)]
    return list(dict.fromkeys(named + known))


def _release() -> str:
    """A word for this machine's release and architecture, such as `bookworm-amd64`."""
    script = '. /etc/os-release; echo "${VERSION_CODENAME:-$VERSION_ID}"; dpkg --print-architecture'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    return "-".join(said.split())


def _environment() -> dict[str, str]:
    return {**os.environ, "APT_CONFIG": str(_configuration()), "LC_ALL": "C"}


@functools.cache
def _configuration() -> Path:
    """Write the private configuration: the machine's own, less its hooks, with our directories."""
    home = cache() / "apt"
    for part in ("lists/partial", "archives/partial"):
        (home / part).mkdir(parents=True, exist_ok=True)
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    kept = [line for line in dump.splitlines() if not line.startswith(NOT_OURS)]
    # As root, apt would otherwise drop to a user who may not be able to reach the cache.
    user = "root" if os.geteuid() == 0 else ""
    text = "\n".join(kept) + OURS.format(home=home, user=user)
    file = home / "apt.conf"
    file.write_text(text)
    return file


@functools.cache
def _update() -> str:
    """Fetch the package lists, once in a test run; returns what apt complained of.

    A source that does not answer (machines often have some of other people's) is no error here:
    what it leaves unknown shows in the question that follows, whose answer quotes the complaint.
    """
    try:
        apt("apt-get", "update", "-o", "APT::Update::Error-Mode=any")
    except ArchiveUnreachable as error:
        return str(error)
    return ""
