"""Darwin's tables: errors, signals, exit codes."""

from __future__ import annotations

import signal

import pytest

from launchd_shim import darwin


@pytest.mark.parametrize(("number", "text"), [
    (0, "Undefined error: 0"), (1, "Operation not permitted"), (3, "No such process"),
    (5, "Input/output error"), (36, "Operation now in progress"),
    (37, "Operation already in progress"), (78, "Function not implemented"),
    (112, "Could not find specified domain"), (113, "Could not find specified service"),
    (122, "Path had bad ownership/permissions"),
    (133, "Multiple errors were returned; see stderr"), (117, "Unknown error: 117"),
    (9999, "Unknown error: 9999"),
])
def test_errors(number: int, text: str) -> None:
    assert darwin.strerror(number) == text


def test_every_errno_of_darwin_has_a_text() -> None:
    assert [n for n in range(1, 107) if darwin.strerror(n).startswith("Unknown")] == []


@pytest.mark.parametrize(("word", "number"), [
    ("TERM", 15), ("term", 15), ("SIGTERM", 15), ("sigterm", 15), ("-TERM", 15), ("-SIGHUP", 1),
    ("1", 1), ("9", 9), ("-9", 9), ("10", 10), ("BUS", 10), ("USR1", 30), ("30", 30),
    ("INFO", 29), ("SIG", None), ("0", None), ("32", None), ("", None), ("-", None),
    ("NOSUCH", None), ("SIGSIGTERM", None), ("TERM ", None),
])
def test_signal_words(word: str, number: int | None) -> None:
    assert darwin.signal_number(word) == number


@pytest.mark.parametrize(("name", "number"), [
    ("SIGBUS", 10), ("SIGUSR1", 30), ("SIGUSR2", 31), ("SIGCHLD", 20), ("SIGCONT", 19),
    ("SIGSTOP", 17), ("SIGTSTP", 18), ("SIGURG", 16), ("SIGSYS", 12), ("SIGIO", 23),
    ("SIGHUP", 1), ("SIGKILL", 9), ("SIGTERM", 15), ("SIGSEGV", 11), ("SIGABRT", 6),
])
def test_signal_numbers_are_mapped_both_ways(name: str, number: int) -> None:
    ours = getattr(signal, name).value
    assert darwin.darwin_signal(ours) == number
    assert darwin.linux_signal(number) == ours


def test_the_mapping_loses_no_signal() -> None:
    known = [linux for *_, linux in darwin.SIGNALS if linux is not None]
    assert len(known) == len(set(known)) == 29
    assert [darwin for darwin, *_, linux in darwin.SIGNALS if linux is None] == [7, 29]
    assert darwin.linux_signal(7) is None
    assert darwin.darwin_signal(64) == 64


@pytest.mark.parametrize(("number", "text"), [
    (15, "Terminated: 15"), (9, "Killed: 9"), (1, "Hangup: 1"), (11, "Segmentation fault: 11"),
    (6, "Abort trap: 6"), (10, "Bus error: 10"), (63, "Unknown signal: 63"),
])
def test_signals_print_with_their_number(number: int, text: str) -> None:
    assert darwin.strsignal(number) == text


@pytest.mark.parametrize(("code", "text"), [
    (0, "0"), (1, "1"), (63, "63"), (64, "64: EX_USAGE"), (77, "77: EX_NOPERM"),
    (78, "78: EX_CONFIG"), (79, "79"), (127, "127"),
])
def test_exit_codes(code: int, text: str) -> None:
    assert darwin.exit_code(code) == text
