"""What an import did: the lists of --outputfile (spec/dirserv.md 5.7, mkuser's transcript)."""

from __future__ import annotations

from dirserv.names import GROUPS, USERS

_LISTS = {USERS: "Users", GROUPS: "Groups"}
BAD_NAMES = "Users not imported because of bad short names"


class Report:
    """Names of records by what became of them. ``reasons`` are sentences about the failures."""

    def __init__(self) -> None:
        self.lists: dict[str, list[str]] = {
            key: [] for key in ("Deleted", "Failed", "Groups", "Succeeded", "Users", BAD_NAMES)
        }
        self.reasons: list[str] = []

    def succeeded(self, type: str, name: str) -> None:
        """Note a record that was imported."""
        self.lists["Succeeded"].append(name)
        if type in _LISTS:
            self.lists[_LISTS[type]].append(name)

    def failed(self, name: str, reason: str, bad_name: bool = False) -> None:
        """Note a record that was not imported."""
        self.lists["Failed"].append(name)
        if bad_name:
            self.lists[BAD_NAMES].append(name)
        self.reasons.append(f"{name or 'a record'}: {reason}")

    def deleted(self, names: list[str]) -> None:
        """Note records that had to make room."""
        self.lists["Deleted"] += names

    def plist(self) -> bytes:
        """The XML property list."""
        import plistlib

        return plistlib.dumps(self.lists)
