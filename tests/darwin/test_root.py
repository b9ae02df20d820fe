"""What a program sees in a Darwin-like root."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.darwin import layout, tree
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ((), "Darwin"),
        (("-s",), "Darwin"),
        (("-m",), "x86_64"),
        (("-p",), "i386"),
        (("-mrs",), "Darwin 20.6.0 x86_64"),
        (("-s", "-r"), "Darwin 20.6.0"),
    ],
)
def test_uname_command(darwin_root: DarwinRoot, options: tuple[str, ...], answer: str) -> None:
    assert darwin_root.must("uname", *options) == answer + "\n"


def test_uname_in_full(darwin_root: DarwinRoot) -> None:
    words = darwin_root.must("uname", "-a").split()
    assert words[0] == "Darwin"
    assert words[1] == os.uname().nodename
    assert words[2:6] == ["20.6.0", "Darwin", "Kernel", "Version"]
    assert words[-1] == "x86_64"


def test_uname_refuses_an_unknown_option(darwin_root: DarwinRoot) -> None:
    assert darwin_root.run(["uname", "-z"]).returncode == 1


def test_uname_system_call(darwin_root: DarwinRoot) -> None:
    if not darwin_root.add_uname_library():
        pytest.skip("needs a C compiler (gcc) for the uname library")
    program = ["/usr/bin/python3", "-c", "import platform; print(platform.system())"]
    assert darwin_root.run(program, darwin_uname=True).stdout == "Darwin\n"
    assert darwin_root.run(program).stdout == "Linux\n"


def test_accounts_of_a_fresh_prefix(darwin_root: DarwinRoot) -> None:
    assert darwin_root.must("id", "me").strip() == "uid=501(me) gid=501(me) groups=501(me),0(wheel)"
    assert darwin_root.must("getent", "passwd").splitlines() == layout.PASSWD.splitlines()
    assert darwin_root.must("getent", "group").splitlines() == layout.GROUP.splitlines()
    assert not darwin_root.exists("/etc/shadow")
    assert darwin_root.must("sh", "-c", "cd ~root && pwd") == "/var/root\n"


def test_no_account_tools_of_linux(darwin_root: DarwinRoot) -> None:
    script = "for n in useradd usermod userdel groupadd groupdel; do command -v $n; done; true"
    assert darwin_root.must("sh", "-c", script) == ""


@pytest.mark.parametrize("name", ["etc", "var", "tmp"])
def test_private_is_the_same_directory(darwin_root: DarwinRoot, name: str) -> None:
    darwin_root.must("touch", f"/private/{name}/made-there")
    assert darwin_root.exists(f"/{name}/made-there")


def test_commands_lie_at_the_macos_paths(darwin_root: DarwinRoot) -> None:
    for name, place in layout.COMMANDS.items():
        found = darwin_root.must("sh", "-c", f"readlink -f $(command -v {name})").strip()
        # On a machine with a merged /usr, /bin is /usr/bin.
        assert found == darwin_root.must("readlink", "-f", f"{place}/{name}").strip()
        assert os.access(darwin_root.path / found.lstrip("/"), os.X_OK)


def test_packages_have_byte_code(darwin_root: DarwinRoot) -> None:
    listing = darwin_root.must("find", layout.LIBRARY, "-name", "command.*").split()
    assert f"{layout.LIBRARY}/dirserv/command.py" in listing
    assert any(name.endswith(".pyc") for name in listing)


def test_run_as_somebody_else(darwin_root: DarwinRoot) -> None:
    result = darwin_root.run(["id"], uid=501)
    assert result.stdout == "uid=501(me) gid=501(me) groups=501(me)\n"
    assert darwin_root.run(["id", "-g"], uid=501, gid=0).stdout == "0\n"
    assert darwin_root.run(["touch", "/etc/passwd"], uid=501).returncode == 1


def test_input_environment_and_status(darwin_root: DarwinRoot) -> None:
    script = 'cat; echo "$WORD $HOME"; echo bad >&2; exit 7'
    result = darwin_root.run(["sh", "-c", script], input="in\n", env={"WORD": "out"})
    assert (result.stdout, result.stderr, result.returncode) == ("in\nout /var/root\n", "bad\n", 7)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-u", "me"],
        ["-H", "-E"],
        ["--user=me", "--set-home"],
        ["-u", "me", "-H", "--"],
        ["--", "WORD=x"],
    ],
)
def test_sudo_runs_its_command(darwin_root: DarwinRoot, options: list[str]) -> None:
    answer = darwin_root.must("sudo", *options, "sh", "-c", 'id -u; echo "$1"', "sh", "a b")
    assert answer == "0\na b\n"


def test_sudo_passes_variables_and_status(darwin_root: DarwinRoot) -> None:
    result = darwin_root.run(["sudo", "-E", "WORD=a b", "sh", "-c", 'echo "$WORD"; exit 3'])
    assert (result.stdout, result.returncode) == ("a b\n", 3)
    assert darwin_root.run(["sudo", "-kv"]).returncode == 0


def test_getconf(darwin_root: DarwinRoot) -> None:
    assert darwin_root.must("getconf", "PATH") == "/usr/bin:/bin:/usr/sbin:/sbin\n"
    assert int(darwin_root.must("getconf", "PAGESIZE")) >= 4096


def test_one_root_for_several_runs(darwin_root: DarwinRoot) -> None:
    darwin_root.must("mkdir", "/nix")
    darwin_root.install([tree.text("/nix/note", "kept\n")])
    assert darwin_root.read("/nix/note") == "kept\n"
    assert (darwin_root.path / "nix/note").read_text() == "kept\n"


def test_background_program_and_its_log(darwin_root: DarwinRoot) -> None:
    script = 'echo "$WORD"; touch /tmp/started; sleep 100'
    darwin_root.start(["sh", "-c", script], log="/tmp/log", env={"WORD": "said"})
    assert darwin_root.wait_for("/tmp/started")
    assert darwin_root.read("/tmp/log") == "said\n"
    assert not darwin_root.wait_for("/tmp/never", limit=0.1)


@pytest.mark.usefixtures("root_possible")
def test_a_human_can_look_around() -> None:
    command = [sys.executable, "-m", "tests.darwin", "sh", "-c", "uname; exit 5"]
    result = subprocess.run(
        command, capture_output=True, text=True, cwd=layout.CHECKOUT, check=False
    )
    assert (result.stdout, result.returncode) == ("Darwin\n", 5)
