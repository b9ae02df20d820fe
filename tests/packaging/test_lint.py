"""Pages and completions are clean to the programs that read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv.manual.completion import PLACES
from dirserv.manual.pages import COMMANDS, PAGES, Page
from tests.packaging.programs import program


def pages(share: Path) -> list[Path]:
    """All pages."""
    return [share / page.file for page in PAGES]


def scripts(share: Path, shell: str) -> list[Path]:
    """All completions of a shell."""
    return [share / PLACES[shell].format(page.name) for page in COMMANDS]


def test_mandoc(share: Path) -> None:
    result = program("mandoc", "mandoc")("-Tlint", *pages(share))
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_mandoc_finds_faults(tmp_path: Path) -> None:
    page = tmp_path / "x.1"
    page.write_text('.TH X "1" "soon"\n.SH NAME\nx\n.XX\n')
    result = program("mandoc", "mandoc")("-Tlint", page)
    assert "unknown macro" in result.stdout + result.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_man(page: Page, share: Path) -> None:
    # As Debian's own check of packages calls it; a build directory is no place for cat pages.
    result = program("man", "man-db")(
        "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", share / page.file, MANWIDTH="80",
        MANROFFSEQ="")
    assert (result.stderr, result.returncode) == ("", 0)
    assert result.stdout.startswith("x T utf8\n")


def test_apropos(share: Path) -> None:
    result = program("lexgrog", "man-db")(*pages(share))
    assert result.stdout.splitlines() == [
        f'{share / page.file}: "{page.name} - {page.summary}"' for page in PAGES]


def test_bash(share: Path) -> None:
    for file in scripts(share, "bash"):
        assert program("bash", "bash")("-n", file).stderr == ""


def test_zsh(share: Path) -> None:
    for file in scripts(share, "zsh"):
        assert file.read_text().startswith(f"#compdef {file.name[1:]}\n")
        assert program("zsh", "zsh")("-f", "-n", file).stderr == ""


def test_fish(share: Path, tmp_path: Path) -> None:
    fish = program("fish", "fish")
    for file in scripts(share, "fish"):
        assert fish("-N", "-n", file, HOME=str(tmp_path)).stderr == ""


@pytest.mark.parametrize(("line", "words"), [
    ("dscl . -re", ["-read", "-readall", "-readpl", "-readpli"]),
    ("dscl -pl", ["-plist"]),
    ("launchctl kicks", ["kickstart"]),
    ("sysadminctl -add", ["-addUser"]),
    ("darling-dirserv sandbox ", ["check", "explain", "mode", "plan"]),
])
def test_fish_completes(line: str, words: list[str], share: Path, tmp_path: Path) -> None:
    file = share / PLACES["fish"].format(line.split()[0])
    result = program("fish", "fish")(
        "-N", "-c", f"source {file}; complete -C '{line}'", HOME=str(tmp_path))
    assert [offer.split("\t")[0] for offer in result.stdout.splitlines()] == words
