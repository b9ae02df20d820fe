"""Subcommands that need no launchd: error, version, help, and what this host has nothing of."""

from __future__ import annotations

import posix

from dirserv.outcome import Outcome
from dirserv.system import environ
from launchd_shim.darwin import strerror
from launchd_shim.launchctl.failures import EPERM, Failure, Usage
from launchd_shim.launchctl.subcommands import help_text, usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call

#: The release whose launchd this one stands in for (spec/launchd.md 2.4).
VERSION = "7.0.0"

#: A session's kind can be set for tests of clients that branch on it (spec §8.12).
_MANAGER = "LAUNCHD_SHIM_MANAGER"


def manager_pid(call: Call) -> Outcome:
    """managerpid: always 1, as launchctl(1) promises."""
    call.operands(0)
    return Outcome(out="1\n")


def manager_uid(call: Call) -> Outcome:
    """manageruid: the uid of the caller's domain."""
    call.operands(0)
    return Outcome(out=f"{call.uid}\n")


def manager_name(call: Call) -> Outcome:
    """managername: System for root, Background for others; never Aqua unless it was asked for."""
    call.operands(0)
    name = environ(_MANAGER) or ("System" if call.uid == 0 else "Background")
    return Outcome(out=f"{name}\n")


def variant(call: Call) -> Outcome:
    """variant: RELEASE."""
    call.operands(0)
    return Outcome(out="RELEASE\n")


def version(call: Call) -> Outcome:
    """version: launchd's form, with our own name and version for the build."""
    import time

    from dirserv import __version__

    call.operands(0)
    built = time.asctime(time.gmtime(posix.stat(__file__).st_mtime))
    machine = posix.uname().machine.upper()
    return Outcome(out=f"Darwin Bootstrapper Version {VERSION}: {built}; "
                       f"root:darling_dirserv-{__version__}/launchd/RELEASE_{machine}\n")


def explain(call: Call) -> Outcome:
    """help [SUBCOMMAND]: everything on stdout, or one usage line on stderr."""
    if not call.arguments:
        return Outcome(out=help_text())
    line = usage(call.arguments[0])
    if line is None:
        raise Usage
    return Outcome(err=line)


def reboot(call: Call) -> Outcome:
    """reboot and bootshell are refused: the machine is not this launchd's."""
    raise Failure(EPERM, f"launchctl: {call.name} is refused: this launchd looks after the jobs of "
                         "one directory tree and not after the machine")


def cache(call: Call) -> Outcome:
    """print-cache: there is none, property lists are read where they lie."""
    call.operands(0)
    return Outcome(out="(no service cache)\n")


def host(call: Call) -> Outcome:
    """hostinfo: Linux has no Mach ports."""
    call.operands(0)
    return Outcome(out="(no Mach ports)\n")


def error(call: Call) -> Outcome:
    """error [posix|mach|bootstrap] CODE: a number in any base of C, and its sentence."""
    words = call.arguments
    table = words.pop(0) if words and words[0] in _TABLES else ""
    if not words:
        raise Usage
    code = _number(words[0])
    if not table:
        table = "posix" if code < 161 else "mach" if words[0].startswith("0x") else "bootstrap"
    return Outcome(out=_TABLES[table](code))


def _number(word: str) -> int:
    """strtoul(3) with base 0, as 32 bits: decimal, 0x…, 0… (octal); 0 for what is no number."""
    sign, digits = (-1, word[1:]) if word.startswith("-") else (1, word.removeprefix("+"))
    base = 16 if digits[:2].lower() == "0x" else 8 if digits.startswith("0") else 10
    digits = digits[2:] if base == 16 else digits
    allowed = "0123456789abcdef"[:base]
    length = len(digits) - len(digits.lower().lstrip(allowed))
    return sign * int(digits[:min(length, 64)] or "0", base) & 0xFFFFFFFF


def _posix(code: int) -> str:
    return f"{code}: {strerror(code)}\n"


def _mach(code: int) -> str:
    from launchd_shim.launchctl.machcodes import describe

    return describe(code)


def _bootstrap(code: int) -> str:
    from launchd_shim.launchctl.machcodes import bootstrap_text

    return f"{code}: {bootstrap_text(code)}\n"


_TABLES = {"posix": _posix, "mach": _mach, "bootstrap": _bootstrap}
