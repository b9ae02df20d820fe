"""A service as ``launchctl print`` shows it (spec/launchd.md 2.5, 8.5).

Pure: from a service's keys in ``protocol`` to text. What only says something about XNU (coalitions,
jetsam, cpumon) is left out; the order of the rest is that of the captures.
"""

from __future__ import annotations

from launchd_shim.darwin import exit_code, strsignal
from launchd_shim.job import STANDARD_PATH
from launchd_shim.launchctl.blocks import BLANK, block, document, mapping, present
from launchd_shim.launchctl.targets import FIRST_ASID
from launchd_shim.launchctl.triggers import semaphores, triggers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Service = dict[str, Any]

#: Keys of Soft- and HardResourceLimits in lower case -> names of getrlimit(2).
_LIMITS = {
    "core": "core", "cpu": "cpu", "data": "data", "filesize": "filesize",
    "memorylock": "memlock", "numberoffiles": "maxfiles", "numberofprocesses": "maxproc",
    "residentsetsize": "rss", "stack": "stack",
}


def render(service: Service) -> str:
    """The answer to ``print`` of a service."""
    sections = (_head, _program, _streams, _environments, _place, _history, _causes, _ending)
    lines = [line for section in sections for line in section(service)]
    return document(f"{service['domain']}/{service['label']}", lines)


def _head(service: Service) -> list[str]:
    path = service.get("path") or f"(submitted by {service.get('submitter')})"
    return [
        f"active count = {0 if service.get('pid') is None else 1}",
        f"path = {path}", f"type = {service['type']}", f"state = {service['state']}", BLANK,
    ]


def _program(service: Service) -> list[str]:
    lines = [f"program = {service['program']}"]
    if service.get("arguments"):
        lines += block("arguments", list(service["arguments"]))
    if service.get("working_directory") is not None:
        lines += [f"working directory = {service['working_directory']}", BLANK]
    return lines


def _streams(service: Service) -> list[str]:
    return present([(f"{name} path", service.get(name)) for name in ("stdin", "stdout", "stderr")])


def _environments(service: Service) -> list[str]:
    inherited = service.get("inherited_environment") or {}
    own = {**(service.get("environment") or {}), "XPC_SERVICE_NAME": service["label"]}
    return [
        *(block("inherited environment", mapping(inherited)) if inherited else []),
        *block("default environment", mapping(
            {"PATH": service.get("default_path") or STANDARD_PATH})),
        *block("environment", mapping(own)),
    ]


def _place(service: Service) -> list[str]:
    """Domain and identity."""
    domain = service["domain"]
    kind, _, uid = domain.partition("/")
    asid = FIRST_ASID + int(uid) if kind == "gui" else None
    lines = present([
        ("domain", f"{domain} [{asid}]" if asid else domain), ("asid", asid),
        ("username", service.get("username")), ("group", service.get("group")),
    ])
    return lines + ([BLANK] if service.get("username") or service.get("group") else [])


def _history(service: Service) -> list[str]:
    umask, crashes = service.get("umask"), service.get("successive_crashes")
    return present([
        ("umask", None if umask is None else f"{umask:o}"),
        ("minimum runtime", service["throttle"]), ("exit timeout", service["exit_timeout"]),
        ("runs", service["runs"]), ("successive crashes", crashes or None),
        ("pid", service.get("pid")),
        ("immediate reason", service.get("reason") if service.get("pid") is not None else None),
        _last_exit(service.get("last_exit_status")),
    ]) + [BLANK]


def _last_exit(status: int | None) -> tuple[str, str]:
    """How the last process ended, from its wait(2) status."""
    if status is None:
        return "last exit code", "(never exited)"
    if status & 0x7F:
        return "last terminating signal", strsignal(status & 0x7F)
    return "last exit code", exit_code(status >> 8 & 0xFF)


def _causes(service: Service) -> list[str]:
    """What starts it: conditions, events, sockets and Mach services."""
    waiting, events = semaphores(service.get("keepalive")), triggers(service)
    endpoints = [f'"{name}"' for name in service.get("mach_services") or ()]
    lines = block("semaphores", waiting) if waiting else []
    lines += block("event triggers", events) if events else []
    lines += block("endpoints", endpoints) if endpoints else []
    if service.get("sockets"):
        sockets = [line for name, where in service["sockets"].items()
                   for line in block(f'"{name}"', list(where), after=False)]
        lines += block("sockets", sockets)
    return lines


def _ending(service: Service) -> list[str]:
    interval = service.get("start_interval")
    limits = [*_limits(service.get("soft_limits"), "soft"),
              *_limits(service.get("hard_limits"), "hard")]
    return [
        f"spawn type = {service['spawn_type']}",
        *(block("resource limits", limits, after=False) if limits else []),
        *present([("run interval", None if interval is None else f"{interval} seconds")]),
        BLANK,
        f"properties = {' | '.join(service.get('properties') or ())}".rstrip(),
    ]


def _limits(limits: dict[str, int] | None, which: str) -> list[str]:
    return [f"{_LIMITS.get(name.lower(), name)} ({which}) => {value}"
            for name, value in (limits or {}).items()]
