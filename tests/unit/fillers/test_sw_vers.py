"""sw_vers in both shells: texts, the chosen version, and what installers cut out of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.unit.fillers.support import script
from tests.unit.fillers.test_sudo import SHELLS

USAGE = ("Usage: sw_vers [--help|--productName|--productVersion|--productVersionExtra"
         "|--buildVersion]\n")
OLD = "ProductName:\tmacOS\nProductVersion:\t11.7.4\nBuildVersion:\tDarling\n"
NEW = "ProductName:\t\tmacOS\nProductVersion:\t\t14.5\nBuildVersion:\t\tDarling\n"
LOST = "**** ERROR **** Unknown error loading system version plist: missing or malformed\n"

shells = pytest.mark.parametrize("shell", SHELLS)


@shells
@pytest.mark.parametrize(("words", "version", "result"), [
    ([], "", (OLD, "", 0)),
    ([], "14.5", (NEW, "", 0)),
    (["-productName"], "", ("macOS\n", "", 0)),
    (["--productName"], "", ("macOS\n", "", 0)),
    (["-productVersion"], "", ("11.7.4\n", "", 0)),
    (["--productVersion"], "", ("11.7.4\n", "", 0)),
    (["--productVersion"], "14.5", ("14.5\n", "", 0)),
    (["-ProductVersion"], "15.0", ("15.0\n", "", 0)),
    (["-buildVersion"], "14.5", ("Darling\n", "", 0)),
    (["--buildVersion"], "", ("Darling\n", "", 0)),
    (["-productVersionExtra"], "", ("", "", 0)),
    (["--productName", "--buildVersion"], "", ("Darling\n", "", 0)),
    (["--help"], "", (USAGE, "", 0)),
    (["--frob"], "", (USAGE, "sw_vers: unrecognized option `--frob'\n", 1)),
    (["-frob"], "", (USAGE, "sw_vers: unrecognized option `-frob'\n", 1)),
    (["operand"], "", (OLD, "", 0)),
])
def test_texts(
    tree: Path, shell: str, words: list[str], version: str, result: tuple[str, str, int]
) -> None:
    assert script(tree, "sw_vers.sh", shell, *words, version=version) == result


@shells
def test_the_extra_and_a_last_line_without_end(tree: Path, shell: str) -> None:
    file = tree / "System/Library/CoreServices/SystemVersion.plist"
    text = file.read_text().replace(
        "</dict>", "<key>ProductVersionExtra</key><string>(a)</string></dict>").rstrip()
    file.write_text(text)
    out, err, status = script(tree, "sw_vers.sh", shell)
    assert (out, err, status) == (
        OLD.replace("Build", "ProductVersionExtra:\t(a)\nBuild"), "", 0)


@shells
def test_the_compatible_version(tree: Path, shell: str) -> None:
    out = script(tree, "sw_vers.sh", shell, "-productVersion", version="14.5",
                 env={"SYSTEM_VERSION_COMPAT": "1"})
    assert out == ("10.16\n", "", 0)


@shells
@pytest.mark.parametrize("content", [None, "", "<plist/>"])
def test_without_the_file_it_says_so(tree: Path, shell: str, content: str | None) -> None:
    file = tree / "System/Library/CoreServices/SystemVersion.plist"
    file.unlink()
    if content is not None:
        file.write_text(content)
    assert script(tree, "sw_vers.sh", shell) == ("", LOST, 1)


#: install.in of Nix and home-manager's launchd module (spec/installers.md 1.2 and 4).
@pytest.mark.parametrize(("version", "major"), [("", "11"), ("14.5", "14")])
def test_the_installers_read_the_major_version(tree: Path, version: str, major: str) -> None:
    assert script(tree, "sw_vers.sh", "sh", version=version)[2] == 0
    text = f"""
sw_vers() {{ sh {tree}/sw_vers.sh "$@"; }}
IFS=. read -r first _ <<EOF
$(sw_vers -productVersion)
EOF
echo "$first $(sw_vers --productVersion | cut -d. -f1)"
"""
    out = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True).stdout
    assert out == f"{major} {major}\n"
