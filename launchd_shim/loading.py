"""From a property list to a job, or to the reason why it is refused.

Source: spec/launchd.md 1.1 (file-level rules), 1.2 (keys), 1.6 (what is only logged).
"""

from __future__ import annotations

from launchd_shim import conditions, keys, plistfile, plistpath, rules, socketkeys
from launchd_shim.filling import fill, lookup
from launchd_shim.job import Job
from launchd_shim.notes import Notes, kind_of
from launchd_shim.plisterror import NotAPropertyList
from launchd_shim.refusal import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from launchd_shim.filling import Rule
    from launchd_shim.notes import Note

#: Beginnings of labels that are launchd's own, in any case.
RESERVED = ("com.apple.launchd", "com.apple.launchctl")

_RULES: dict[str, Rule] = {
    "calendar": conditions.calendar, "disabled": rules.disabled,
    "environment": rules.environment, "events": rules.events, "filled": rules.filled,
    "hardware": rules.hardware, "inetd": conditions.inetd, "interval": rules.interval,
    "keep_alive": conditions.keep_alive, "limits": rules.limits, "names": rules.names,
    "nice": rules.nice, "process_type": rules.process_type, "seconds": rules.seconds,
    "sessions": rules.sessions, "sockets": socketkeys.sockets, "strings": rules.strings,
    "throttle": rules.throttle, "umask": rules.umask,
}


class Loaded:
    """A job and what was odd in its property list."""

    __slots__ = ("job", "notes")

    def __init__(self, job: Job, notes: list[Note]) -> None:
        self.job = job
        self.notes = notes


def load(path: str, host: str | None = None, owners: Container[int] | None = None) -> Loaded:
    """The job that a property list file describes.

    ``path`` is the file as the caller named it and ``host`` where it lies on this machine (the
    same if None). ``owners``: the uids that may own it, None checks neither owner nor mode.
    Raises Refused.
    """
    data = plistpath.read(path, path if host is None else host, owners)
    return load_bytes(data, path)


def load_bytes(data: bytes, path: str) -> Loaded:
    """The job that the bytes of a property list describe. Raises Refused."""
    try:
        values = plistfile.parse(data)
    except NotAPropertyList as error:
        raise refused(path, "plist", str(error)) from error
    return load_values(values, path)


def load_values(values: Any, path: str) -> Loaded:
    """The job that a property list's value describes. Raises Refused."""
    if not isinstance(values, dict):
        raise refused(path, "plist", f"its top level is {kind_of(values)}, not dictionary")
    job = Job(_label(values, path), path)
    job.program, job.arguments = _program(values, path)
    notes = Notes()
    fill(job, values, keys.TOP, _RULES, notes)
    _settle(job, values, notes)
    return Loaded(job, notes.items)


def _label(values: dict[str, Any], path: str) -> str:
    label = lookup(values, "Label")
    if not isinstance(label, str) or not label:
        raise refused(path, "label", _what_is_wrong("Label", label, "string"))
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in label):
        raise refused(path, "reserved", "its Label holds a control character")
    for prefix in RESERVED:
        if label.lower().startswith(prefix):
            raise refused(path, "reserved", f"labels that begin with {prefix} are launchd's own")
    return label


def _program(values: dict[str, Any], path: str) -> tuple[str | None, list[str] | None]:
    """Program and ProgramArguments; the one that is missing is None."""
    program, arguments = lookup(values, "Program"), lookup(values, "ProgramArguments")
    if arguments is not None:
        if not isinstance(arguments, list):
            raise refused(path, "program",
                          _what_is_wrong("ProgramArguments", arguments, "array"))
        for at, item in enumerate(arguments):
            if not isinstance(item, str):
                raise refused(path, "program", f"its ProgramArguments hold {kind_of(item)} "
                                               f"at {at}, not string")
    if not isinstance(program, str) or not program:
        program = None
    if program is None and not (arguments and arguments[0]):
        raise refused(path, "program", "it says neither in Program nor in ProgramArguments "
                                       "what to run")
    return program, arguments


def _what_is_wrong(key: str, value: object, kind: str) -> str:
    if value is None:
        return f"it has no {key}"
    if value in ("", []):
        return f"its {key} is empty"
    return f"its {key} is {kind_of(value)}, not {kind}"


def _settle(job: Job, values: dict[str, Any], notes: Notes) -> None:
    """What depends on more than one key."""
    # OnDemand is of macOS 10.4; a KeepAlive beside it says what newer systems are to do.
    new = lookup(values, "KeepAlive")
    if lookup(values, "OnDemand") is False and not isinstance(new, bool | dict):
        job.when.keep_alive = True
    if job.when.inetd_wait is not None:
        job.process.abandon_group = True
        if not job.when.sockets:
            notes.remark("inetdCompatibility", "there are no Sockets for it to wait on")
    if job.program is not None and not job.program.startswith("/"):
        notes.remark("Program", "Program must be an absolute path")
    old = lookup(values, "POSIXSpawnType")
    if isinstance(old, str) and lookup(values, "ProcessType") is None:
        job.process.type = _process_type(old)
    if job.when.launch_only_once and job.when.keep_alive is not False:
        notes.remark("LaunchOnlyOnce", "it runs only once, so KeepAlive does not restart it")


def _process_type(old: str) -> str:
    """ProcessType of a POSIXSpawnType; its other words have no meaning here."""
    matching = (name for name in keys.PROCESS_TYPES if name.lower() == old.lower())
    return next(matching, "Standard")
