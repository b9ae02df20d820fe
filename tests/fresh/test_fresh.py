"""The README's commands work on a clean Debian, as root and as anybody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.clients.conftest import fetched
from tests.fresh import machine, pip_settings

#: Restricts the quick form: whole commands, the store, and what must work from any directory.
QUICK = "tests/conformance tests/unit/test_process.py"


@pytest.fixture
def fresh() -> None:
    """Skips, saying why, where no fresh machine can be made."""
    if reason := machine.obstacle():
        pytest.skip(reason)
    fetched(machine.base)


def check(user: bool, **env: str) -> None:
    """Clone, run the commands, and leave no change in the clone."""
    script = machine.readme_script() + "\necho changed: $(git status --porcelain)"
    result = machine.run(script, user, **env)
    assert result.returncode == 0, result.stdout[-40_000:]
    *_, changed = result.stdout.splitlines()
    assert changed == "changed:"
    assert re.search(r"^\d+ passed", result.stdout, re.MULTILINE), result.stdout[-2000:]


def test_the_readme_names_two_commands() -> None:
    assert machine.readme_script().splitlines()[2:] == ["make run", "make test"]


@pytest.mark.slow
@pytest.mark.root
@pytest.mark.parametrize("user", [False, True], ids=["root", "user"])
def test_quick(fresh: None, user: bool) -> None:
    check(user, PYTEST_ADDOPTS=QUICK)


@pytest.mark.slow
@pytest.mark.root
@pytest.mark.parametrize("user", [False, True], ids=["root", "user"])
def test_full(fresh: None, user: bool) -> None:
    check(user)


@pytest.mark.slow
@pytest.mark.root
def test_nothing_stays_behind(fresh: None) -> None:
    """A process that a script leaves is ended with it, and what was mounted is gone."""
    mount = " - tmpfs fresh "
    result = machine.run(f"sleep 86399 & id -u; grep -c '{mount}' /proc/self/mountinfo", user=True)
    assert (result.returncode, result.stdout) == (0, f"{machine.USER_ID}\n1\n")
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert b"sleep\x0086399\x00" not in commands
    assert mount not in Path("/proc/self/mountinfo").read_text()


LISTED = """\
:env:.cert='/nowhere/env.crt'
global.cert='/nowhere/file.crt'
global.find-links='{0}/wheels file://{0}/with%20blank'
global.extra-index-url='https://index.example/simple\\nfile://{0}/index/simple'
install.user='true'
"""


def test_pip_settings(tmp_path: Path) -> None:
    for name in ("wheels", "with blank", "index/simple"):
        (tmp_path / name).mkdir(parents=True)
    options = pip_settings.parse(LISTED.format(tmp_path).splitlines())
    assert options == {
        "cert": "/nowhere/env.crt",
        "find-links": f"{tmp_path}/wheels file://{tmp_path}/with%20blank",
        "extra-index-url": f"https://index.example/simple\nfile://{tmp_path}/index/simple",
    }
    shown = [path.name for path in pip_settings.places(options)]
    assert shown == ["index", "wheels", "with blank"]
    assert pip_settings.render(options).splitlines() == [
        "[global]", "cert = /nowhere/env.crt", f"find-links = {options['find-links']}",
        "extra-index-url = https://index.example/simple", f"    file://{tmp_path}/index/simple",
    ]
