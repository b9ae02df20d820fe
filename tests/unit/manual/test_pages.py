"""The manual pages: which there are, what stands in them, that they are the same each time."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dirserv import command, script
from dirserv.manual import files, plistkeys
from dirserv.manual.pages import COMMANDS, PAGES, ROOT, Page, fold, render
from launchd_shim import keys
from tests.unit.manual.parsers import group

WAIT4PATH = r"""
.TH WAIT4PATH "1" "2026-11-23" "darling-dirserv 0.1.0" "darling-dirserv Manual"
.ad l
.nh
.SH NAME
wait4path \- wait until a path exists
.SH SYNOPSIS
.B wait4path
path
.SH DESCRIPTION
Waits until a path exists.
.SH OPERAND
.TP
\fBpath\fR
The path.
""".lstrip()


def page(name: str) -> Page:
    """A page by its name."""
    return next(page for page in PAGES if page.name == name)


def text(name: str) -> str:
    """A page as roff."""
    return render(page(name), "2026-11-23")


def test_every_command_has_a_page() -> None:
    described = {page.name for page in COMMANDS}
    assert described == {*command.MODULES, "sandbox-exec", "launchd-shim", "darling-dirserv"}
    assert [page.name for page in PAGES if page.section == 5] == ["launchd.plist"]
    assert sorted(f"{page.name}.inc" for page in PAGES) == sorted(
        path.name for path in (ROOT / "man").iterdir())


@pytest.mark.parametrize(("name", "file"), [
    ("dscl", "man/man1/dscl.1"), ("dseditgroup", "man/man8/dseditgroup.8"),
    ("sysadminctl", "man/man8/sysadminctl.8"), ("dsmemberutil", "man/man1/dsmemberutil.1"),
    ("sandbox-exec", "man/man1/sandbox-exec.1"), ("launchctl", "man/man1/launchctl.1"),
    ("launchd-shim", "man/man8/launchd-shim.8"), ("launchd.plist", "man/man5/launchd.plist.5"),
    ("darling-dirserv", "man/man8/darling-dirserv.8"),
])
def test_section(name: str, file: str) -> None:
    assert page(name).file == file
    section = file.rpartition(".")[2]
    assert text(name).startswith(f'.TH {name.upper()} "{section}" "2026-11-23" "darling-dirserv ')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_sections_written_by_hand(page: Page) -> None:
    headings = re.findall(r"^\.SH (.+)$", render(page, "2026-11-23"), re.MULTILINE)
    wanted = {"NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "SEE ALSO"}
    wanted |= {"EXIT STATUS"} if page in COMMANDS else {"FILES", "DIFFERENCES FROM MACOS"}
    assert wanted - {*headings} == set()
    assert len(headings) == len({*headings})


def test_a_whole_page() -> None:
    assert text("wait4path").partition(".SH EXIT STATUS")[0] == WAIT4PATH


def test_single_dash_options_and_verbs() -> None:
    dscl = text("dscl")
    assert ".TP\n\\fB\\-read\\fR \\fI\\,path [key ...]\\/\\fR\nShow the attributes" in dscl
    assert ".TP\n\\fB\\-plist\\fR\nShow what" in dscl
    assert ".TP\n\\fB\\-addUser\\fR \\fI\\,user\\/\\fR\n" in text("sysadminctl")
    launchctl = text("launchctl")
    assert ".SS \\fBlaunchctl kickstart\\fR\nStarts a service now.\n.PP\n" \
        "usage: launchctl kickstart [\\-k] [\\-p] <service\\-target>\n" in launchctl
    assert "Not available here." in launchctl
    # What is meant for a terminal is left out.
    assert "POSITIONAL ARGUMENTS" not in text("darling-dirserv")
    assert "\n.SS \\fBdarling\\-dirserv sandbox plan\\fR\n" in text("darling-dirserv")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_terminal_does_not_show(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = render(page, "2026-11-23")
    monkeypatch.setenv("COLUMNS", "40")
    assert render(page, "2026-11-23") == wide
    assert [line for line in wide.splitlines() if len(line) > 79 and " " in line[:79]
            and not line.startswith(".")] == []
    assert all(wide.splitlines())


def test_fold() -> None:
    long = "word " * 14 + "the end "
    assert fold(f".SH A-B\n\n{long}.b -c \\-d\n\nsecond\n\n.TP\nx\n\noptions:\n") == (
        f".SH A-B\n{long.strip()}\n\\&.b \\-c \\-d\n.PP\nsecond\n.TP\nx\n")


def test_keys_of_property_lists() -> None:
    for table, meanings in ((keys.TOP, plistkeys.TOP), (keys.KEEP_ALIVE, plistkeys.KEEP_ALIVE),
                            (keys.SOCKET, plistkeys.SOCKET)):
        own = {key.name for key in table.values() if key.kinds}
        assert {*meanings} == own
    parser = page("launchd.plist").parser()
    shown = [action.dest.split()[0] for action in group(parser, "keys")]
    assert shown == [key.name for key in keys.TOP.values()]
    nix = text("launchd.plist")
    assert "\\fBThrottleInterval (integer)\\fR\nThe least number" in nix
    assert "Default: 10." in nix
    assert "\nThe name of the job, unique in its domain. Required.\n" in nix
    assert "Without effect: launchd 2.x ignores it." in nix


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    made = files.write(tmp_path)
    assert len(made) == len({*made}) == len(PAGES) + 3 * len(COMMANDS)
    assert '"1970-01-02"' in (tmp_path / "man/man1/dscl.1").read_text()
    before = {file: file.read_bytes() for file in made}
    assert {file: file.read_bytes() for file in files.write(tmp_path)} == before
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    changelog = tmp_path / "CHANGELOG.md"
    changelog.touch()
    os.utime(changelog, (0, 0))
    monkeypatch.setattr(files, "ROOT", tmp_path)
    assert files.date() == "1970-01-01"


def test_entry_points() -> None:
    for name in command.MODULES:
        assert callable(getattr(script, name))
    with pytest.raises(AttributeError):
        script.frobnicate  # noqa: B018
