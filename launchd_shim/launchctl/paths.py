"""The property lists that a command line names (spec/launchd.md 2.4, 2.7)."""

from __future__ import annotations

from dirserv.system import environ, is_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.paths import Root

#: A property list as messages name it, and its host path.
Named = tuple[str, str]


def expand(root: Root, words: list[str]) -> list[Named]:
    """The files that paths mean; a directory means the property lists in it, not those below.

    What does not exist stays: launchd says so, and a job may have been loaded from there.
    """
    found: list[Named] = []
    for word in words:
        host = root.host(_untilded(word))
        if is_directory(host):
            shown, folder = word.rstrip("/"), host.rstrip("/")
            found += [(f"{shown}/{name}", f"{folder}/{name}") for name in _members(host)]
        else:
            found.append((word, host))
    return found


def _members(host: str) -> list[str]:
    from launchd_shim.plistpath import members

    try:
        return members(host)
    except OSError:
        return []  # what we may not list holds nothing that we could load


def _untilded(word: str) -> str:
    home = environ("HOME") or ""
    if home and (word == "~" or word.startswith("~/")):
        return home + word[1:]
    return word


def label_of(host: str) -> str | None:
    """The label in a property list, None if it has none or cannot be read: launchd will say."""
    from launchd_shim.plisterror import NotAPropertyList
    from launchd_shim.plistfile import parse
    from launchd_shim.plistpath import read
    from launchd_shim.refusal import Refused

    try:
        content = parse(read(host, host, None))
    except (Refused, NotAPropertyList):
        return None
    if not isinstance(content, dict):
        return None
    labels = [value for key, value in content.items() if key.lower() == "label"]
    return labels[0] if labels and isinstance(labels[0], str) else None
