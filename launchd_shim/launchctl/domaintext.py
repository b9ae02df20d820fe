"""A domain as ``launchctl print`` and ``print-disabled`` show it (spec/launchd.md 2.4, 2.5).

Pure: from a domain's keys in ``protocol`` to text. Mach ports and XPC endpoints, of which there are
none here, are left out.
"""

from __future__ import annotations

from launchd_shim.launchctl.blocks import BLANK, block, document, indented, mapping, present
from launchd_shim.launchctl.targets import FIRST_ASID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Domain = dict[str, Any]

#: Type of domain -> its last line.
_PROPERTIES = {"system": "uncorked", "user": "user", "login": "gui | gui login"}


def render(domain: Domain) -> str:
    """The answer to ``print`` of a domain."""
    environment = domain.get("environment")
    lines = [
        *_counts(domain), *_security(domain), f"bringup time = {domain['bringup_ms']} ms", BLANK,
        *(block("environment", mapping(environment)) if environment else []),
        *block("services", [_row(job) for job in domain["services"]]),
        *block("disabled services", _records(domain["disabled"])),
        f"properties = {_PROPERTIES.get(domain['type'], domain['type'])}",
    ]
    return document(domain["name"], lines)


def _counts(domain: Domain) -> list[str]:
    services = domain["services"]
    active = sum(1 for job in services if job["pid"])
    handles = {"system": 0, "login": FIRST_ASID + domain["uid"]}
    return present([
        ("type", domain["type"]), ("handle", handles.get(domain["type"], domain["uid"])),
        ("active count", len(services) + 1), ("service count", len(services)),
        ("active service count", active), ("creator", "launchd[1]"), ("creator euid", 0),
        ("session", "Aqua" if domain["type"] == "login" else None),
    ])


def _security(domain: Domain) -> list[str]:
    if domain["type"] == "system":
        return block("security context", ["uid unset", "asid = 0"])
    return block("security context",
                 [f"uid = {domain['uid']}", f"asid = {FIRST_ASID + domain['uid']}"])


def _row(job: dict[str, Any]) -> str:
    """A row of ``services``: process or 0, last status or - if it never exited, label."""
    status = "-" if job["status"] is None else job["status"]
    return f"{job['pid'] or 0:>8}{status:>7} \t{job['label']}"


def _records(disabled: dict[str, bool]) -> list[str]:
    return [f'"{label}" => {"disabled" if off else "enabled"}' for label, off in disabled.items()]


def render_disabled(disabled: dict[str, bool]) -> str:
    """The answer to ``print-disabled``. Nothing here registers login items, so none are shown."""
    blocks = [*block("disabled services", _records(disabled)),
              *block("login item associations", [], after=False)]
    return "\n".join([BLANK, *indented(blocks)]) + "\n"
