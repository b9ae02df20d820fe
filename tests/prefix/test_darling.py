"""Installed commands under Darling's rules, and what a Darling prefix gets besides."""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.prefix import emulation
from tests.prefix.support import PASSWD, call, darling, everything, fill, for_others, give_away
from tests.prefix.test_install import CALLS
from tests.support import is_root, others_may_read

Call = Callable[..., list]

#: Ends the launchd that serves the prefix, from inside.
_END = """#!/bin/sh
/Volumes/SystemRoot{upper.parent}/host-python -IS -c '
import os, sys, time
sys.path.insert(0, "{upper}/usr/local/libexec/darling-dirserv")
from dirserv.paths import Root
from launchd_shim.client import Client
client = Client(Root("{upper}"), False)
client.ask("shutdown")
while os.path.exists(client.path):
    time.sleep(0.02)
'
exit $?
"""


@pytest.fixture
def installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, Path]:
    """A prefix with everything in it, and Darling's directory."""
    upper, lower = darling(tmp_path)
    emulation.furnish(lower)
    python = emulation.leave(tmp_path, upper, "/usr/bin/python3")
    status, _, err = call(capsys, "install", "--prefix", upper, "--libexec", lower,
                          "--python", python)
    assert (status, err) == (0, "")
    return upper, lower


@pytest.fixture
def inside(installed: tuple[Path, Path]) -> Iterator[Call]:
    """Calls a program of the prefix as Darling would."""
    upper, lower = installed
    command = ["unshare", "--mount", "--propagation", "private", sys.executable,
               str(Path(emulation.__file__)), str(upper), str(lower)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr

        def ask(*words: str) -> list:
            process.stdin.write(json.dumps(words) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                pytest.skip(f"no emulation here: {process.stderr.read().strip()}")
            return json.loads(answer)

        yield ask
        if (upper / "private/var/run/launchd.sock").exists():
            fill(lower, {"bin/end": (_END.format(upper=upper), 0o755)})
            assert ask("/bin/end") == [0, "", ""], "launchctl has started a launchd"
        process.stdin.close()


root_only = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare"),
    reason="needs root, unshare and overlayfs: run as root with util-linux")


@pytest.mark.root
@root_only
def test_every_command_answers_under_darlings_rules(inside: Call) -> None:
    for path, (arguments, printed, wanted) in CALLS.items():
        if path in ("usr/bin/sandbox-exec", "bin/wait4path", "usr/bin/dsmemberutil"):
            continue
        status, out, err = inside(f"/{path}", *arguments)
        assert "Traceback" not in err and "internal error" not in err, (path, err)
        assert wanted in (None, status), (path, status, out, err)
        assert printed in (None, out), (path, out, err)
        assert out or err, f"{path} ended at once: it became a host program itself"
    assert inside("/usr/bin/dscl", ".", "-read", "/Users/none")[0] == 56
    inside("/usr/bin/dscl", ".", "-create", "/Users/in", "UniqueID", "777")
    assert inside("/usr/bin/dscl", ".", "-read", "/Users/in", "UniqueID")[1] == "UniqueID: 777\n"
    assert inside("/usr/sbin/diskutil", "eject", "x")[:2] == [0, "the old diskutil eject x\n"]
    assert inside("/bin/launchctl", "bootout", "system/none")[0] == 3


@pytest.mark.root
@root_only
@pytest.mark.parametrize(("name", "content", "answer"), [
    ("python", "#!/usr/bin/python3\nprint('x')\n", [126, "", "/bin/it: Unknown file format\n"]),
    ("exec", "#!/bin/sh\nexec {host} -c 'print(1)'\n", [0, "", ""]),
    ("child", "#!/bin/sh\n{host} -c 'print(1); exit(3)'\nexit $?\n", [3, "1\n", ""]),
    ("hidden", "#!/bin/sh\n[ ! -e {tmp} ] && [ -e /Volumes/SystemRoot{tmp} ]\n", [0, "", ""]),
    ("seen", "#!/bin/sh\n{host} -c 'import os; print(os.getcwd())'\n:\n", [0, "{tmp}\n", ""]),
])
def test_the_emulation_has_darlings_rules(
    inside: Call, installed: tuple[Path, Path], name: str, content: str, answer: list
) -> None:
    upper, lower = installed
    words = {"host": f"/Volumes/SystemRoot{upper.parent}/host-python",
             "tmp": f"{upper}/private/tmp"}
    inside("/usr/bin/dserr", "0")
    fill(lower, {"bin/it": (content.format(**words), 0o755)})
    status, out, err = answer
    assert inside("/bin/it") == [status, out.format(**words), err]


def test_no_installed_program_breaks_darlings_rules(installed: tuple[Path, Path]) -> None:
    upper, _ = installed
    programs = [path for path in upper.rglob("*") if path.is_file() and not path.is_symlink()
                and path.stat().st_mode & stat.S_IXUSR and "original" not in path.parts]
    assert len(programs) > 20
    for path in programs:
        lines = path.read_text().splitlines()
        assert lines[0].split()[0] in ("#!/bin/sh", "#!/bin/bash"), path
        if "DIRSERV_EUID" in path.read_text():
            assert "exec " not in path.read_text() and lines[-1] == "exit $?", path
            assert "/Volumes/SystemRoot/" in lines[-2], path


@pytest.mark.root
@root_only
@for_others
def test_what_the_installer_trips_over_is_there(
    everybodys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upper, lower = darling(everybodys)
    give_away(upper)
    assert call(capsys, "install", "--prefix", upper, "--libexec", lower,
                "--python", "/usr/bin/python3")[0] == 0
    assert (upper / "private/etc/bashrc").read_text() == "PS1=x\n"
    assert (upper / "private/etc/bashrc").stat().st_uid == 12345
    assert not (upper / "private/etc/zshrc").exists(), "there is none to make writable"
    assert (upper / "private/etc/nix/nix.conf").read_bytes() == b""
    assert os.readlink(upper / "var/db") == "../private/var/db"
    assert stat.S_IMODE((upper / "var/root").stat().st_mode) == 0o750
    assert not (upper / "bin/wait4path").exists(), "Darling has one"
    (upper / "private/etc/nix/nix.conf").write_text("build-users-group = nixbld\n")
    for _ in range(2):
        assert call(capsys, "upgrade", "--prefix", upper, "--libexec", lower)[0] == 0
    assert (upper / "private/etc/nix/nix.conf").read_text() == "build-users-group = nixbld\n"
    status, out, _ = call(capsys, "uninstall", "--prefix", upper, "--libexec", lower)
    assert status == 1
    assert "/private/etc/nix/nix.conf: changed since it was laid; left as it is" in out


def test_in_and_out_of_a_prefix_that_is_not_running(
    everybodys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upper, lower = darling(everybodys)
    if is_root() and others_may_read():  # root's own prefix gets less
        give_away(upper)
    before, below = everything(upper), everything(lower)
    _, out, _ = call(capsys, "install", "--prefix", upper, "--libexec", lower, "--json",
                     "--python", "/usr/bin/python3")
    steps = {step["path"]: step["why"] for step in json.loads(out)["steps"]}
    assert steps["/bin/launchctl"] == "launchd-842's knows no kickstart and bootout"
    assert steps["/usr/bin/stat"] == "it is at /bin/stat only"
    job = plistlib.loads(
        (upper / "System/Library/LaunchDaemons/org.darling-dirserv.launchd.plist").read_bytes())
    program = job["ProgramArguments"][1]
    assert job["ProgramArguments"][0] == "/bin/sh" and (upper / program.lstrip("/")).exists()
    assert "launchd_shim.supervisor.main" in (upper / program.lstrip("/")).read_text()
    call(capsys, "upgrade", "--prefix", upper, "--libexec", lower)
    assert call(capsys, "uninstall", "--prefix", upper, "--libexec", lower)[0] == 0
    assert (everything(upper), everything(lower)) == (before, below)
    assert (upper / "private/etc/passwd").read_text() == PASSWD


def test_a_prefix_without_its_darling_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upper, _ = darling(tmp_path)
    status, _, err = call(capsys, "install", "--prefix", upper, "--libexec", tmp_path / "none")
    assert (status, err) == (2, f"darling-dirserv: {upper} is a Darling prefix, but there is no "
                             f"{tmp_path}/none; say with --libexec where Darling is installed\n")


@root_only
def test_the_emulated_identity_is_handed_over(installed: tuple[Path, Path]) -> None:
    upper, _ = installed
    text = (upper / "usr/bin/dscl").read_text()
    identity = text[text.index("DIRSERV_EUID"):text.index(" /Volumes")]
    shown = identity + " sh -c 'echo $DIRSERV_EUID'"
    for uid in (0, 501):
        for shell in ("bash", "sh"):
            result = subprocess.run([shell, "-c", shown], capture_output=True, text=True,
                                    check=True, user=uid)
            assert result.stdout == f"{uid}\n"
