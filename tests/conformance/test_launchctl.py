"""Every transcript of a real launchctl, against ours and a supervisor of the tests' own."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.compare import Mismatch
from tests.conformance.launchctl_cases import Transcript, exceptions, load
from tests.conformance.launchctl_compare import MODES, agrees, fields
from tests.support import CHECKOUT
from tests.unit.launchctl.fake import FakeLaunchd, service

TRANSCRIPTS = load()
REASONS = exceptions()

#: How many transcripts are asserted at least.
_ASSERTED = 73


def _marked() -> list[Any]:
    """The transcripts as parameters. A listed exception must differ: one that passes fails."""
    return [
        pytest.param(one, id=one.id, marks=[
            pytest.mark.xfail(reason=REASONS[one.id], raises=Mismatch, strict=True)
        ] if one.id in REASONS else [])
        for one in TRANSCRIPTS
    ]


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for PATH: our launchctl, and a sudo that leaves the identity alone."""
    folder = tmp_path_factory.mktemp("bin")
    launchctl = f"{shlex.quote(sys.executable)} -I -S {shlex.quote(f'{CHECKOUT}/bin/launchctl')}"
    for name, what in (("launchctl", launchctl), ("sudo", "")):
        (folder / name).write_text(f'#!/bin/sh\nexec {what} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("transcript", _marked())
def test_recorded(transcript: Transcript, commands: Path, tmp_path: Path) -> None:
    with FakeLaunchd(tmp_path, [service(**one) for one in transcript.services]) as launchd:
        launchd.errors, launchd.pid = transcript.errors, transcript.pid
        launchd.disabled, launchd.limits = transcript.disabled, transcript.limits
        launchd.domain = transcript.domain
        result = _run(transcript, commands, tmp_path)
    _check(transcript, result)


def _run(
    transcript: Transcript, commands: Path, root: Path
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{commands}:/usr/bin:/bin", "DIRSERV_ROOT": str(root), "LC_ALL": "C.UTF-8",
        "DIRSERV_EUID": str(transcript.uid), "HOME": "/Users/USER", **transcript.env,
    }
    # Transcripts name the command where it lies on macOS.
    command = re.sub(r"(?<![\w.])/bin/launchctl", "launchctl", transcript.command)
    argv, options = ["/bin/sh", "-c", command], {"cwd": root, "env": environment, "timeout": 60}
    if not transcript.tty:
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, **options)
    master, slave = pty.openpty()
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=slave, text=True,
                              stderr=subprocess.PIPE, check=False, **options)
        shown = os.read(master, 65536).decode().replace("\r\n", "\n")
    finally:
        os.close(slave)
        os.close(master)
    return subprocess.CompletedProcess(argv, done.returncode, shown, done.stderr)


def _check(transcript: Transcript, result: subprocess.CompletedProcess[str]) -> None:
    __tracebackhide__ = True
    # Not even a listed exception may end in the last resort.
    assert "internal error" not in result.stderr, result.stderr
    wrong = [
        f"{name} ({transcript.mode})\n--- expected\n{wanted}\n--- given\n{given}"
        for name, wanted, given in (("stdout", transcript.stdout, result.stdout),
                                    ("stderr", transcript.stderr, result.stderr))
        if not agrees(transcript.mode if name == "stdout" or transcript.mode in _BOTH
                      else "bytes", wanted, given, transcript.partial)
    ]
    if transcript.exit is not None and result.returncode != transcript.exit:
        wrong.append(f"exit {result.returncode}, not {transcript.exit}")
    if wrong:
        raise Mismatch("\n".join(wrong))


#: Modes that are for standard error too.
_BOTH = frozenset(("bytes", "lines in order", "beginnings"))


def test_every_exception_is_a_transcript_and_has_a_reason() -> None:
    assert set(REASONS) <= {one.id for one in TRANSCRIPTS}
    assert all(len(reason) > 20 for reason in REASONS.values())


def test_no_transcript_got_lost() -> None:
    assert len(TRANSCRIPTS) == len({one.id for one in TRANSCRIPTS}) == 111
    assert len(TRANSCRIPTS) - len(REASONS) >= _ASSERTED
    assert [one.id for one in TRANSCRIPTS if one.mode not in {*MODES, "fields"}] == []
    # A transcript that says nothing would assert nothing.
    assert [one.id for one in TRANSCRIPTS
            if not one.stdout and not one.stderr and one.exit is None] == []


def test_fields_see_a_wrong_value_and_a_wrong_order() -> None:
    kept = frozenset(("state", "runs"))
    text = "x = {\n\tstate = running\n\tsub = {\n\t\tstate = active\n\t}\n\truns = 1\n}\n"
    assert fields(text, kept) == [("state", "running"), ("runs", "1")]
    assert not agrees("fields", text.replace("runs = 1", "runs = 2"), text, partial=False)
    swapped = "x = {\n\truns = 1\n\tstate = running\n}\n"
    assert not agrees("fields", swapped, text, partial=True)
