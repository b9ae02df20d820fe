"""Every transcript of a real sandbox-exec, against ours."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sandbox_stub.linux.probe import probe
from tests.conformance.compare import Mismatch
from tests.conformance.sandbox_cases import Transcript, exceptions, filled, laid_out, load
from tests.sandbox.command.harness import PYTHON, Installation, outcome, somebody
from tests.support import is_root

TRANSCRIPTS = load()
REASONS = exceptions()
_SETTINGS = {"check": "mode = check\nstrict = yes\n", "enforce": "mode = enforce\n"}
#: How many transcripts are asserted at least.
_ASSERTED = 27


def _marked() -> list[Any]:
    """The transcripts as parameters. A listed exception must differ: one that passes fails."""
    return [
        pytest.param(one, id=f"{one.id}-{one.name}", marks=[
            pytest.mark.xfail(reason=REASONS[one.id], raises=Mismatch, strict=True)
        ] if one.id in REASONS else [])
        for one in TRANSCRIPTS
    ]


@pytest.mark.parametrize("transcript", _marked())
def test_recorded(transcript: Transcript, everybodys: Path) -> None:
    installation = Installation(everybodys)
    installation.configure(_SETTINGS[transcript.mode])
    directory = everybodys / "dir"
    directory.mkdir()
    values = {"dir": str(directory), "python": PYTHON, "sandbox-exec": str(installation.command)}
    words = transcript.words(values)
    _skip(transcript, words)
    identity = somebody() if transcript.unprivileged and is_root() else {}
    with laid_out(transcript, directory):
        result = outcome(installation.run(*words, cwd=directory, **identity))
    _check(transcript, result, values)
    assert [name for name in transcript.absent if (directory / name).exists()] == []


def _skip(transcript: Transcript, words: list[str]) -> None:
    if transcript.mode == "enforce" and not probe().abi:
        pytest.skip("this kernel has no Landlock")
    for program in {"curl", "/bin/bash"} & set(words):
        if not shutil.which(program):
            pytest.skip(f"the transcript runs {program}, which is not here")


def _check(transcript: Transcript, result: tuple[int, str, str], values: dict[str, str]) -> None:
    __tracebackhide__ = True
    status, out, err = result
    if transcript.mode == "enforce":
        out, err = _as_on_a_mac(out), _as_on_a_mac(err)
    # Not even a listed exception may end in the last resort.
    assert "internal error" not in err, err
    wrong = []
    if transcript.stdout is not None and out != transcript.expected("stdout"):
        wrong.append(f"stdout {out!r}, not {transcript.expected('stdout')!r}")
    wanted = filled(transcript.expected("stderr"), values)
    if not _AGREES[transcript.compare](wanted, err):
        wrong.append(f"stderr ({transcript.compare})\n--- expected\n{wanted}\n--- given\n{err}")
    if transcript.exit is not None and status != transcript.expected("exit"):
        wrong.append(f"exit {status}, not {transcript.expected('exit')}")
    if wrong:
        raise Mismatch("\n".join(wrong))


def _as_on_a_mac(text: str) -> str:
    """The reason that Landlock and mounts give, as macOS says it (sandbox.md)."""
    for reason in ("Permission denied", "Read-only file system"):
        text = text.replace(f": {reason}\n", ": Operation not permitted\n")
    return text.replace("RESULT:ERROR:EACCES", "RESULT:ERROR:EPERM")


_AGREES = {
    "bytes": lambda wanted, given: wanted == given,
    "beginning": lambda wanted, given: given.startswith(wanted),
    "blanks": lambda wanted, given: wanted.split() == given.split(),
}


def test_every_exception_is_a_transcript_and_has_a_reason() -> None:
    assert set(REASONS) <= {one.id for one in TRANSCRIPTS}
    assert all(len(reason) > 20 for reason in REASONS.values())
    assert all(len(one.here["why"]) > 5 for one in TRANSCRIPTS if one.here)


def test_no_transcript_got_lost() -> None:
    assert len(TRANSCRIPTS) == len({one.id for one in TRANSCRIPTS}) == 36
    assert len(TRANSCRIPTS) - len(REASONS) >= _ASSERTED
    assert not any(one.compare == "beginning" and not one.stderr for one in TRANSCRIPTS)


@pytest.mark.parametrize(("compare", "wanted", "given"), [
    ("bytes", "a\n", "a\n\n"), ("beginning", "a\nb", "a\nc"), ("blanks", "a\n b", "ab")])
def test_comparison_sees_a_difference(compare: str, wanted: str, given: str) -> None:
    assert not _AGREES[compare](wanted, given)
    assert _AGREES[compare](wanted, wanted)
