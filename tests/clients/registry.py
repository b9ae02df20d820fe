"""Packages of the language registries, fetched once by pip and npm and kept in the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

from tests.clients import archive
from tests.darwin.requirements import PYTHON
from tests.evidence.notes import note_versions

LIMIT = 300  # seconds for one run of pip or npm
# Who has no network is to know it soon.
PATIENCE = {"PIP_RETRIES": "1", "PIP_TIMEOUT": "20", "npm_config_fetch_retries": "1"}


class RegistryUnreachable(archive.ArchiveUnreachable):
    """A registry did not give what was asked for; the text says what its client answered."""


def python_packages(name: str, *requirements: str) -> Path:
    """A directory with these packages and all they need, as wheels for the root's own Python.

    name: of the directory.  Raises RegistryUnreachable.
    """
    version = python_version()
    options = ["--python-version", version, "--only-binary=:all:"]

    def fill(directory: Path) -> None:
        _pip("install", "--target", str(directory), *options, *requirements)

    return kept(f"{name}-py{version}", requirements, fill)


def python_archive(requirement: str, *options: str) -> Path:
    """A directory with the one file that the registry has for NAME==VERSION.

    options: pip's own.  Raises RegistryUnreachable.
    """
    return kept(requirement, options, lambda place: download(requirement, place, *options))


def node_packages(package: str) -> Path:
    """A directory with `node_modules` for NAME@VERSION; no install script runs.

    Raises RegistryUnreachable.
    """
    return kept(package, (), lambda directory: node_install(package, directory))


def kept(name: str, wanted: tuple[str, ...], fill: Callable[[Path], None]) -> Path:
    """The cache's directory of that name; `fill` makes it when it is not there as `wanted`."""
    with archive.exclusive():
        directory = archive.cache() / name
        complete = directory / "complete"
        if not complete.exists() or complete.read_text() != "\n".join(wanted):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(parents=True)
            fill(directory)
            complete.write_text("\n".join(wanted))
        note_versions([name, *wanted, *(info.name for info in directory.glob("*.dist-info"))])
        return directory


def download(requirement: str, directory: Path, *options: str) -> None:
    """Have pip put the file of NAME==VERSION into a directory.  Raises RegistryUnreachable."""
    _pip("download", "--no-deps", "--dest", str(directory), *options, requirement)


def node_install(package: str, directory: Path) -> None:
    """Have npm put NAME@VERSION and what it needs below a directory.  Raises RegistryUnreachable.
    """
    _run("npm", "install", "--prefix", str(directory), "--ignore-scripts", "--no-audit",
         "--no-fund", "--omit=optional", package)


def download_source(requirement: str, directory: Path) -> None:
    """The same for its source; what pip needs to read that may be wheels."""
    download(requirement, directory, f"--no-binary={requirement.partition('==')[0]}")


def unpack(file: Path, directory: Path, *wanted: str) -> None:
    """Unpack the wanted files and directories of a source's tar file, less its top directory.

    Plain files only, by their content: tarfile's own extraction knows no `filter` in Python
    3.11.2 and insists on one in 3.14, and the program tar needs another for xz.
    """
    with tarfile.open(file) as tar:
        for member in tar:
            name = member.name.partition("/")[2]
            if member.isfile() and f"{name}/".startswith(tuple(f"{one}/" for one in wanted)):
                content, place = tar.extractfile(member), directory / name
                assert content is not None and ".." not in place.parts
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.read())


def python_version() -> str:
    """The root's own Python, such as `3.11`."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [PYTHON, "-I", "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _pip(*arguments: str) -> None:
    _run(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*command: str) -> None:
    try:
        result = subprocess.run(command, env={**os.environ, **PATIENCE}, capture_output=True,
                                text=True, timeout=LIMIT, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise RegistryUnreachable(f"{command[0]}: {error}") from error
    if result.returncode != 0:
        raise RegistryUnreachable(f"{command[0]}: {result.stderr.strip()}")
