"""A supervisor that only answers: a synthetic table of jobs behind a real control socket.

It speaks ``launchd_shim.protocol`` and remembers every request, so that the real launchctl can be
tested whole: what it asks and what it makes of the answers.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

#: What a service has of which a test says nothing.
DEFAULTS: dict[str, Any] = {
    "path": None, "submitter": None, "type": "LaunchAgent", "state": "not running",
    "program": "/bin/true", "arguments": ["/bin/true"], "inferred_program": True,
    "working_directory": None, "stdin": None, "stdout": None, "stderr": None,
    "inherited_environment": {}, "environment": {}, "domain": "system", "username": None,
    "group": None, "umask": None, "throttle": 10, "exit_timeout": 5, "runs": 0,
    "successive_crashes": 0, "pid": None, "reason": None, "last_exit_status": None,
    "keepalive": False, "on_demand": True, "run_at_load": False, "launch_only_once": False,
    "session_types": [], "spawn_type": "daemon (3)", "start_interval": None, "calendar": [],
    "watch_paths": [], "queue_directories": [], "sockets": {}, "mach_services": [],
    "soft_limits": {}, "hard_limits": {}, "properties": [],
}

_KINDS = {"system": "system", "user": "user", "gui": "login"}


def service(label: str, **values: Any) -> dict[str, Any]:
    """A service of the table. Raises KeyError for a key that the protocol does not have."""
    unknown = set(values) - set(DEFAULTS)
    if unknown:
        raise KeyError(f"no such key of a service: {unknown}")
    return {"label": label, **DEFAULTS, **values}


class FakeLaunchd:
    """A supervisor of a root, to be used as a context manager.

    ``errors``: "VERB" or "VERB LABEL-OR-PATH" -> the error number of the reply; everything else
    succeeds as far as the table allows. ``requests`` are all that came, the root's path cut off.
    """

    def __init__(self, root: Path, services: list[dict[str, Any]] | None = None) -> None:
        self.root = str(root)
        self.services = services or []
        self.errors: dict[str, int] = {}
        self.disabled: dict[str, bool] = {}
        self.domain: dict[str, Any] = {}
        self.environment: dict[str, str] = {}
        self.limits: dict[str, list[int]] = {}
        self.pid = 4242
        self.requests: list[dict[str, Any]] = []
        #: Bytes to send in place of every reply; None: a reply.
        self.garbage: bytes | None = None
        #: Verbs before whose reply the connection ends, once each.
        self.drops: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self) -> FakeLaunchd:
        folder = Path(self.root, "private/var/run")
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_PATH)
        try:
            # The paths of temporary directories may be too long for an address.
            self._socket.bind(f"/proc/self/fd/{handle}/launchd.sock")
        finally:
            os.close(handle)
        os.chmod(folder / "launchd.sock", 0o666)
        self._socket.listen(64)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._socket.close()
        Path(self.root, "private/var/run/launchd.sock").unlink()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                for line in stream:
                    reply = self._reply(json.loads(line.replace(self.root.encode(), b"")))
                    if reply is None:
                        break
                    stream.write(reply)
                    stream.flush()

    def _reply(self, request: dict[str, Any]) -> bytes | None:
        self.requests.append(request)
        if request["verb"] in self.drops:
            self.drops.remove(request["verb"])
            return None
        if self.garbage is not None:
            return self.garbage
        return json.dumps(self.answer(request)).encode() + b"\n"

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to a request."""
        verb = request["verb"]
        what = request.get("label") or request.get("path")
        error = self.errors.get(f"{verb} {what}", self.errors.get(verb, 0))
        if error:
            return {"error": error}
        found = self._find(request)
        if "label" in request and found is None and verb in _MISSING:
            return {"error": _MISSING[verb]}
        if verb in ("stop", "kill") and found is not None and found["pid"] is None:
            return {"error": 3}
        return {"error": 0, **self._content(verb, request, found)}

    def _content(
        self, verb: str, request: dict[str, Any], found: dict[str, Any] | None
    ) -> dict[str, Any]:
        name = request.get("domain", "")
        rows = [_row(one) for one in self.services if one["domain"] == name]
        kind, _, uid = name.partition("/")
        contents: dict[str, dict[str, Any]] = {
            "list": {"jobs": rows},
            "service": {"service": {**found, "path": self._host(found["path"])} if found else None},
            "domain": {"domain": {
                "name": name, "type": _KINDS.get(kind, kind), "uid": int(uid or 0),
                "services": rows, "disabled": self.disabled, "environment": self.environment,
                "bringup_ms": 0, **self.domain}},
            "disabled": {"disabled": self.disabled},
            "getenv": {"values": self.environment},
            "limit": {"limits": self.limits},
            "kickstart": {"pid": self.pid},
            "ping": {"pid": 1},
        }
        return contents.get(verb, {})

    def _host(self, path: str | None) -> str | None:
        return None if path is None else self.root + path

    def _find(self, request: dict[str, Any]) -> dict[str, Any] | None:
        return next((one for one in self.services if one["label"] == request.get("label")
                     and one["domain"] == request.get("domain")), None)


#: Verb -> the error for a label that is not in the table.
_MISSING = {"service": 113, "kickstart": 113, "kill": 113, "bootout": 3, "start": 3, "stop": 3,
            "remove": 3}


def _row(one: dict[str, Any]) -> dict[str, Any]:
    raw = one["last_exit_status"]
    status = None if raw is None else -(raw & 0x7F) if raw & 0x7F else raw >> 8
    return {"label": one["label"], "pid": one["pid"], "status": status}
