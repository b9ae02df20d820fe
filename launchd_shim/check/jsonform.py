"""The report as JSON: an array with one object for each file.

``{"path", "refused": null or {"code", "text", "detail"}, "job": null or {…}, "notes": […]}``; a
job's values have the names of launchd_shim.job.
"""

from __future__ import annotations

from launchd_shim.job import Job, KeepAlive, Process, Socket, When
from launchd_shim.loading import Loaded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.check.command import Result
    from launchd_shim.refusal import Refused

_OBJECTS = (Job, KeepAlive, Process, Socket, When)


def document(results: list[Result]) -> str:
    """The whole report."""
    import json

    return json.dumps([_entry(path, result) for path, result in results], indent=2) + "\n"


def _entry(path: str, result: Loaded | Refused) -> dict[str, Any]:
    if not isinstance(result, Loaded):
        refused = {"code": result.code, "text": result.text, "detail": result.detail}
        return {"path": path, "refused": refused, "job": None, "notes": []}
    notes = [{"kind": note.kind, "key": note.key, "text": note.text} for note in result.notes]
    return {"path": path, "refused": None, "job": plain(result.job), "notes": notes}


def plain(value: Any) -> Any:
    """A job, or a part of one, as dictionaries, lists and scalars."""
    if isinstance(value, _OBJECTS):
        return {name: plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
