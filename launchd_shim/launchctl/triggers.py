"""The blocks of ``launchctl print`` about what starts a service (spec/launchd.md 1.3, 1.4, 2.5).

``semaphores`` are the conditions that launchd itself knows, ``event triggers`` those that it is
told of: times and files.
"""

from __future__ import annotations

from launchd_shim.launchctl.blocks import block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CALENDAR = "com.apple.launchd.calendarinterval"
_FILES = "com.apple.fsevents.matching"
#: Calendar triggers are numbered from here on.
_FIRST_NUMBER = 0x10000001

#: Sub-key of KeepAlive -> its semaphore.
_SEMAPHORES = {
    "successfulexit": "successful exit", "crashed": "after crash",
    "networkstate": "network state", "afterinitialdemand": "after initial demand",
}
_OTHER_JOBS = {"otherjobenabled": "enabled", "otherjobactive": "active"}


def semaphores(keepalive: bool | dict[str, Any] | None) -> list[str]:
    """The conditions of a KeepAlive dictionary; none for a plain KeepAlive."""
    lines: list[str] = []
    for key, value in _conditions(keepalive).items():
        if key in _SEMAPHORES:
            lines.append(f"{_SEMAPHORES[key]} => {int(bool(value))}")
        elif key in _OTHER_JOBS and isinstance(value, dict):
            lines += [f'"{label}" {_OTHER_JOBS[key]} => {int(bool(wanted))}'
                      for label, wanted in value.items()]
    return lines


def triggers(service: dict[str, Any]) -> list[str]:
    """The events of a service: calendar times, watched paths, queue directories, path states."""
    label = service["label"]
    lines: list[str] = []
    for number, when in enumerate(service.get("calendar") or (), start=_FIRST_NUMBER):
        times = [f'"{key}" => {value}' for key, value in when.items()]
        lines += _trigger(service, f"{label}.{number}", _CALENDAR, times)
    for key, name in (("watch_paths", "WatchPaths"), ("queue_directories", "QueueDirectories")):
        if service.get(key):
            paths = [f'"{name}" => [', *(f'\t"{path}"' for path in service[key]), "]"]
            lines += _trigger(service, f"com.apple.launchd.{name}", _FILES, paths)
    states = _conditions(service.get("keepalive")).get("pathstate")
    if isinstance(states, dict):
        wanted = [f'\t"{path}" => {str(bool(state)).lower()}' for path, state in states.items()]
        lines += _trigger(service, "com.apple.launchd.PathState", _FILES,
                          ['"PathState" => {', *wanted, "}"])
    return lines


def _conditions(keepalive: bool | dict[str, Any] | None) -> dict[str, Any]:
    """The sub-keys of KeepAlive in lower case: property lists spell them in any."""
    if not isinstance(keepalive, dict):
        return {}
    return {key.lower(): value for key, value in keepalive.items()}


def _trigger(
    service: dict[str, Any], name: str, stream: str, descriptor: list[str]
) -> list[str]:
    session = "System" if service["domain"] == "system" else "Aqua"
    inner = [
        "keepalive = 0", f"service = {service['label']}", f"stream = {stream}",
        f"monitor = com.apple.UserEventAgent-{session}",
        *block("descriptor", descriptor, after=False),
    ]
    return [f"{name} => {{", *(f"\t{line}" for line in inner), "}"]
