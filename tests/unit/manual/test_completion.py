"""What bash completes; tests/packaging asks the other shells."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dirserv.manual.completion import script
from tests.unit.manual.parsers import PARSERS

#: A command line that ends where TAB is typed -> what is offered.
LINES = {
    "dscl . -re": "-read -readall -readpl -readpli",
    "dscl -pl": "-plist",
    "dseditgroup -o ch": "checkmember",
    "sysadminctl -add": "-addUser",
    "launchctl kicks": "kickstart",
    "launchctl kickstart -": "-k -p -s -u",
    "launchctl help bootst": "bootstrap",
    "dsmemberutil getuuid -": "-G -S -U -g -s -u",
    "sandbox-exec -n no-w": "no-write no-write-except-temporary",
    "darling-dirserv sandbox ": "check explain mode plan",
    "darling-dirserv install --dr": "--dry-run",
    "launchd-shim check --any": "--any-owner",
    "pwpolicy -u x -geta": "-getaccountpolicies",
}
ASK = """
source "$1"
read -ra COMP_WORDS <<<"$2"
case $2 in *" ") COMP_WORDS+=("") ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$(complete -p "${COMP_WORDS[0]}" | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(line: str, directory: Path) -> str:
    """What bash offers at the end of a line."""
    name = line.split()[0]
    file = directory / name
    file.write_text(script(PARSERS[name](), "bash"))
    result = subprocess.run(["bash", "--norc", "-c", ASK, "bash", file, line],
                            capture_output=True, text=True, check=False, timeout=30)
    assert result.stderr == ""
    return " ".join(sorted(result.stdout.split()))


@pytest.mark.parametrize("line", LINES)
def test_bash(line: str, tmp_path: Path) -> None:
    assert offered(line, tmp_path) == LINES[line]


@pytest.mark.parametrize("command", [
    "sandbox-exec -f", "wait4path", "launchd-shim check --json", "launchctl load",
    "darling-dirserv sandbox plan",
])
def test_bash_completes_files(command: str, tmp_path: Path) -> None:
    (tmp_path / "build.sb").touch()
    assert offered(f"{command} {tmp_path}/bui", tmp_path) == f"{tmp_path}/build.sb"


def test_bash_completes_directories(tmp_path: Path) -> None:
    (tmp_path / "prefix.txt").touch()
    (tmp_path / "prefix").mkdir()
    line = f"darling-dirserv install --prefix {tmp_path}/pre"
    assert offered(line, tmp_path) == f"{tmp_path}/prefix"


def test_zsh_inserts_words_with_one_dash() -> None:
    made = script(PARSERS["sysadminctl"](), "zsh")
    assert "_arguments -C $_shtab_sysadminctl_options\n" in made
    assert '  ":Ask for the administrator and the password.:()"\n' in made
    assert '  "-addUser[' in made


def test_fish_knows_long_words_with_one_dash() -> None:
    made = script(PARSERS["dscl"](), "fish")
    assert "_using -o plist -d" in made
    assert "_using -s q -d" in made
    assert "-s plist" not in made
