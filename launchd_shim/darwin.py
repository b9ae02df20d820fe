"""Darwin's numbers and words: errors, signals, exit codes (spec/launchd.md 2.3, 2.5).

launchctl speaks Darwin on every host: what it prints and what it returns uses these tables, never
the host's own.
"""

from __future__ import annotations

from launchd_shim import darwin_errors

#: Signals: (Darwin's number, name, strsignal's words, Linux's number or None).
SIGNALS: tuple[tuple[int, str, str, int | None], ...] = (
    (1, "HUP", "Hangup", 1),
    (2, "INT", "Interrupt", 2),
    (3, "QUIT", "Quit", 3),
    (4, "ILL", "Illegal instruction", 4),
    (5, "TRAP", "Trace/BPT trap", 5),
    (6, "ABRT", "Abort trap", 6),
    (7, "EMT", "EMT trap", None),
    (8, "FPE", "Floating point exception", 8),
    (9, "KILL", "Killed", 9),
    (10, "BUS", "Bus error", 7),
    (11, "SEGV", "Segmentation fault", 11),
    (12, "SYS", "Bad system call", 31),
    (13, "PIPE", "Broken pipe", 13),
    (14, "ALRM", "Alarm clock", 14),
    (15, "TERM", "Terminated", 15),
    (16, "URG", "Urgent I/O condition", 23),
    (17, "STOP", "Suspended (signal)", 19),
    (18, "TSTP", "Suspended", 20),
    (19, "CONT", "Continued", 18),
    (20, "CHLD", "Child exited", 17),
    (21, "TTIN", "Stopped (tty input)", 21),
    (22, "TTOU", "Stopped (tty output)", 22),
    (23, "IO", "I/O possible", 29),
    (24, "XCPU", "Cputime limit exceeded", 24),
    (25, "XFSZ", "Filesize limit exceeded", 25),
    (26, "VTALRM", "Virtual timer expired", 26),
    (27, "PROF", "Profiling timer expired", 27),
    (28, "WINCH", "Window size changes", 28),
    (29, "INFO", "Information request", None),
    (30, "USR1", "User defined signal 1", 10),
    (31, "USR2", "User defined signal 2", 12),
)

#: sysexits.h: exit code -> name without EX_.
EXIT_NAMES: dict[int, str] = dict(enumerate((
    "USAGE", "DATAERR", "NOINPUT", "NOUSER", "NOHOST", "UNAVAILABLE", "SOFTWARE", "OSERR",
    "OSFILE", "CANTCREAT", "IOERR", "TEMPFAIL", "PROTOCOL", "NOPERM", "CONFIG",
), start=64))


def strerror(number: int) -> str:
    """The sentence for a Darwin or launchd error number."""
    return darwin_errors.text(number) if number else "Undefined error: 0"


def strsignal(number: int) -> str:
    """``Terminated: 15``: a Darwin signal as strsignal(3) names it."""
    words = next((words for darwin, _, words, _ in SIGNALS if darwin == number), "Unknown signal")
    return f"{words}: {number}"


def exit_code(code: int) -> str:
    """An exit code as ``launchctl print`` shows it: ``1``, ``78: EX_CONFIG``."""
    name = EXIT_NAMES.get(code)
    return f"{code}: EX_{name}" if name else str(code)


def signal_number(word: str) -> int | None:
    """The Darwin number for ``TERM``, ``sigterm``, ``-TERM`` or ``15``; None if there is none."""
    name = word.removeprefix("-").upper()
    if len(name) > 3:
        name = name.removeprefix("SIG")
    for darwin, known, _, _ in SIGNALS:
        if name in (known, str(darwin)):
            return darwin
    return None


def linux_signal(number: int) -> int | None:
    """Linux's number of a Darwin signal; None if Linux has no such signal."""
    return next((linux for darwin, _, _, linux in SIGNALS if darwin == number), None)


def darwin_signal(number: int) -> int:
    """Darwin's number of a Linux signal; the number itself if Darwin has no such signal."""
    return next((darwin for darwin, _, _, linux in SIGNALS if linux == number), number)
