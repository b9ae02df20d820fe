"""procinfo: a process and the service that it belongs to (spec/launchd.md 2.4).

Of what macOS shows, what Linux has: /proc stands in for the kernel's process structures.
"""

from __future__ import annotations

import os

from dirserv.outcome import Outcome
from launchd_shim.launchctl.blocks import block, present
from launchd_shim.launchctl.failures import ESRCH, Failure, Usage
from launchd_shim.launchctl.printing import in_root
from launchd_shim.launchctl.servicetext import render
from launchd_shim.launchctl.targets import natural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call

#: State letter of /proc/PID/status -> word.
_STATES = {"R": "running", "S": "running", "D": "running", "I": "idle", "T": "stopped",
           "t": "stopped", "Z": "zombie", "X": "zombie"}


def show(call: Call) -> Outcome:
    """procinfo PID."""
    pid = natural(call.operands(1, 1)[0])
    if not pid:
        raise Usage
    status = _status(pid)
    if status is None:
        raise Failure(ESRCH, f"Could not get proc info PID {pid}: 3: No such process")
    lines = [f"program path = {_program(pid)}", *_vectors(pid), *_details(pid, status), "",
             _service(call, pid, int(status["Uid"].split()[0]))]
    return Outcome(out="\n".join(lines))


def _status(pid: int) -> dict[str, str] | None:
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            pairs = [line.rstrip("\n").partition(":") for line in file]
    except OSError:
        return None
    return {key: value.strip() for key, _, value in pairs}


def _program(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return "(could not resolve path)"


def _vectors(pid: int) -> list[str]:
    arguments = _strings(pid, "cmdline")
    environment = [" => ".join(pair.split("=", 1)) for pair in _strings(pid, "environ")]
    return [
        f"argument count = {len(arguments)}",
        *block("argument vector",
               [f"[{number}] = {text}" for number, text in enumerate(arguments)], after=False),
        *block("environment vector", environment, after=False),
    ]


def _strings(pid: int, name: str) -> list[str]:
    """The strings of a vector of a process; none if we may not see them."""
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            content = file.read()
    except OSError:
        return []
    return [text.decode("utf-8", "replace") for text in content.split(b"\0") if text]


def _details(pid: int, status: dict[str, str]) -> list[str]:
    ruid, uid, svuid, _ = status["Uid"].split()
    rgid, gid, svgid, _ = status["Gid"].split()
    return block("bsd proc info", present([
        ("pid", pid), ("ppid", status["PPid"]), ("pgid", _group(pid)),
        ("status", _STATES.get(status["State"][:1], "(unknown)")),
        ("uid", uid), ("svuid", svuid), ("ruid", ruid),
        ("gid", gid), ("svgid", svgid), ("rgid", rgid), ("comm name", status["Name"]),
    ]), after=False)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _service(call: Call, pid: int, uid: int) -> str:
    """The service whose main process it is, among the system's, its user's and the caller's."""
    for domain in dict.fromkeys(["system", f"gui/{uid}", f"user/{uid}", *call.home]):
        for job in call.ask("list", domain=domain).get("jobs", []):
            if job["pid"] == pid:
                reply = call.ask("service", domain=domain, label=job["label"])
                if not reply["error"]:
                    return render(in_root(call, reply["service"]))
    return f"(pid {pid} is not managed by launchd)\n"
