"""Hostile surroundings of a process: environment, umask, closed streams, small limits."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import whole
from tests.support import CHECKOUT, directory

CREATE = ["dscl", ".", "-create", "/Users/new", "UniqueID", "900"]
READ = ["dscl", ".", "-read", "/Users/root", "UniqueID"]
EDIT = ["dseditgroup", "-o", "edit", "-a", "root", "-t", "user", "staff"]
ADD = ["sysadminctl", "-addUser", "added", "-home", "/var/empty", "-password", ""]
IMPORT = ["dsimport", "/accounts.txt", "/Local/Default", "I"]
COMMANDS = [CREATE, EDIT, ADD, IMPORT, READ]

ENVIRONMENTS = {
    "PYTHON": {"PYTHONPATH": "TRAP", "PYTHONHOME": "TRAP", "PYTHONSTARTUP": "TRAP/trap.py",
               "PYTHONINSPECT": "1", "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-16",
               "PYTHONBREAKPOINT": "trap.trap", "PYTHONUSERBASE": "TRAP", "PYTHONVERBOSE": "1",
               "PYTHONOPTIMIZE": "2", "PYTHONHASHSEED": "7", "PYTHONTRACEMALLOC": "9",
               "PYTHONPYCACHEPREFIX": "TRAP", "PYTHONDUMPREFS": "1", "PYTHONMALLOC": "debug"},
    "temporary files": dict.fromkeys(("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"), "TRAP"),
    "a TMPDIR that is none": dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR"), "/nonexistent"),
    **{f"locale {name}": {"LANG": name, "LC_ALL": name, "LC_CTYPE": name, "LANGUAGE": name}
       for name in ("C", "POSIX", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "xx\x1b[31m", "C.UTF-8")},
    "DIRSERV": {"DIRSERV_EUID": "-1", "DIRSERV_UNKNOWN": "1", "DIRSERV_TRACEBACK": ""},
    "an EUID that is none": {"DIRSERV_EUID": "9" * 5000},
    "an EUID of other digits": {"DIRSERV_EUID": "\u0660"},
    "HOME": {"HOME": "TRAP", "XDG_CONFIG_HOME": "TRAP", "XDG_CACHE_HOME": "TRAP"},
    "IFS and such": {"IFS": "/", "ENV": "TRAP/trap.py", "BASH_ENV": "TRAP/trap.py", "CDPATH": "/",
                     "POSIXLY_CORRECT": "1", "COLUMNS": "-1", "LINES": "x", "TERM": "\x1b]0;x"},
    "LD": {"LD_LIBRARY_PATH": "TRAP", "LD_AUDIT": "", "LD_BIND_NOW": "1", "LD_DEBUG_OUTPUT": "x"},
    "nothing at all": {"PATH": ""},
}
#: Left to the slow run.
MORE = ("a TMPDIR that is none", "locale POSIX", "locale de_DE.ISO-8859-1", "locale C.UTF-8",
        "HOME", "IFS and such", "LD", "nothing at all", "locale xx\x1b[31m")


@pytest.fixture
def victim(little: Path) -> Path:
    """A root with an import file."""
    (little / "accounts.txt").write_text(
        "0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Users 2 RecordName UniqueID\nimported:4712\n")
    return little


def call(root: Path, argv: list[str], env: dict[str, str] | None = None, before: str = "",
         **more: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own; ``before`` is shell text that comes first."""
    python = [sys.executable, "-I", "-S", str(CHECKOUT / "bin" / argv[0]), *argv[1:]]
    words = ["/bin/sh", "-c", f'{before}\nexec "$@"', "sh", *python] if before else python
    return subprocess.run(
        words, env={"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root), **(env or {})},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
        errors="replace", **more)  # type: ignore[call-overload]


def clear(done: subprocess.CompletedProcess[str]) -> str:
    """What was said: never a fault of ours."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said and "internal error" not in said, said[-800:]
    assert done.returncode >= 0 and "Fatal Python error" not in said, said[-800:]
    return said


@pytest.mark.parametrize("kind", [
    pytest.param(kind, marks=pytest.mark.slow if kind in MORE else ()) for kind in ENVIRONMENTS])
def test_the_environment(victim: Path, tmp_path: Path, kind: str) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    for module in ("trap", "os", "re", "sitecustomize", "usercustomize", "encodings", "dirserv"):
        (trap / f"{module}.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    env = {key: value.replace("TRAP", str(trap)) for key, value in ENVIRONMENTS[kind].items()}
    for argv in (CREATE, ADD, READ):
        done = call(victim, argv, env, cwd=trap)
        clear(done)
        if kind not in ("an EUID that is none", "an EUID of other digits"):
            assert done.returncode == 0, done
    assert not (tmp_path / "sprung").exists(), "code from the environment was run"
    assert len(list(trap.iterdir())) == 7, "something was left in a directory that others named"
    whole.check(victim)


@pytest.mark.parametrize("umask", [0, 0o777])
def test_a_hostile_umask(victim: Path, umask: int) -> None:
    for argv in COMMANDS:
        done = call(victim, argv, umask=umask)
        assert clear(done) is not None and done.returncode == 0, done
    whole.check(victim)  # modes and all
    fresh = victim / "fresh"
    fresh.mkdir()
    assert call(fresh, CREATE, umask=umask).returncode == 0
    whole.check(fresh)
    for path in ("private", "private/etc", "private/var", "private/var/db"):
        assert (fresh / path).stat().st_mode & 0o777 == 0o755, path
    assert (fresh / "private/var/db/dirserv/directory.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("closed", ["0", "1", "012", "12"])
def test_closed_streams(victim: Path, closed: str) -> None:
    before = "exec " + " ".join(f"{fd}{'<' if fd == '0' else '>'}&-" for fd in closed)
    for argv in COMMANDS:
        done = call(victim, argv, before=before)
        clear(done)
        assert done.returncode == 0, done
    found = whole.check(victim)
    assert ("dsRecTypeStandard:Users", "new") in found, "and the database was not written over"


def test_streams_that_are_full_or_gone(victim: Path) -> None:
    for before in ("exec >/dev/full", "exec 2>/dev/full", "exec >/dev/full 2>&1"):
        done = call(victim, READ, before=before)
        assert done.returncode == 0, done
    whole.check(victim)


#: Limit -> values; every value is so small that some commands cannot do their work.
LIMITS = {
    resource.RLIMIT_FSIZE: (0, 1, 100, 4096, 20_000),
    resource.RLIMIT_NOFILE: (1, 3, 4, 5, 6, 8, 10),
    resource.RLIMIT_AS: (24 << 20, 40 << 20, 64 << 20),
    resource.RLIMIT_STACK: (64 << 10,),
}


@pytest.mark.parametrize("limit", LIMITS, ids=["FSIZE", "NOFILE", "AS", "STACK"])
def test_small_limits(victim: Path, limit: int) -> None:
    """The command does its work, or says in one sentence what is short; or the interpreter itself
    could not start, which nobody can say better. Nothing is lost, and nothing is half done."""
    before = whole.check(victim)
    for value in LIMITS[limit]:
        for argv in (CREATE, EDIT, READ):
            def lower(value: int = value) -> None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python itself has it
                resource.setrlimit(limit, (value, value))

            done = call(victim, argv, preexec_fn=lower)
            said = done.stdout + done.stderr
            started = not any(word in said for word in (
                "Fatal Python error", "error while loading shared", "can't open file",
                "Failed to import encodings"))
            if started and done.returncode != -signal.SIGSEGV:
                assert "internal error" not in said, (value, argv, said)
                assert "Traceback" not in said or limit == resource.RLIMIT_AS or value < 5, (
                    value, argv, said)
            if done.returncode:
                assert said, (value, argv)
    with directory(victim).change():
        pass
    after = whole.check(victim)
    assert all(after.get(key) for key in before), "nothing is lost"
    lines = (victim / "private/etc/passwd").read_text().count("\n")
    assert call(victim, ["dscl", ".", "-create", "/Users/last", "UniqueID", "950"]).returncode == 0
    assert (victim / "private/etc/passwd").read_text().count("\n") in (lines, lines + 1)
    whole.check(victim)


def test_a_signal_that_ends_it(victim: Path) -> None:
    """Ctrl-C while it waits for the lock."""
    import fcntl
    with open(victim / "private/var/db/dirserv/lock", "rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = subprocess.Popen(
            [sys.executable, "-I", "-S", str(CHECKOUT / "bin/dscl"), *CREATE[1:]],
            env={"DIRSERV_ROOT": str(victim), "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            waiting.wait(1)
        except subprocess.TimeoutExpired:
            waiting.send_signal(signal.SIGINT)
        out, _ = waiting.communicate(timeout=20)
    assert (out, waiting.returncode) == ("", -signal.SIGINT)
    assert ("dsRecTypeStandard:Users", "new") not in whole.check(victim)
