"""What a filter says about everything below a directory, existing or not.

The kernel's rules are trees. A literal or subpath is one; a regular expression or prefix may turn
out to be one; what is not can only be looked up for the files that exist when the policy is made.
"""

from __future__ import annotations

from sandbox_stub import regex
from sandbox_stub.filters import COMBINATIONS, NETWORK, Filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SPECIAL = ".[*+?|()^$\\"
#: Ends of a pattern that hold for all below what is in front -> what they are without the ``$``
_OPEN_ENDS = (("(/.*)?$", "/"), ("(/|$)", "/"), ("($|/)", "/"), ("/.*$", "/"), (".*$", ""))
#: Filters about a path's present object, not its name
_OBJECTS = ("vnode-type", "file-mode")
_UNSURE = (*_OBJECTS, "regex", "prefix")
_ABOUT_PATHS = (*_UNSURE, "literal", "subpath", *COMBINATIONS)
#: What matches no path.
NEVER = Filter("never")


def about(filter: Filter, sockets: bool) -> Filter:
    """What a filter says about files by their path, or about Unix sockets by theirs."""
    if filter.kind in NETWORK and sockets and filter.values[0] == "unix-socket":
        return filter.children[0] if filter.children else Filter("subpath", ("/",))
    return filter if filter.kind in _ABOUT_PATHS else NEVER


def canonical(filter: Filter, name: Callable[[str], str], sockets: bool) -> Filter:
    """The filter about paths with the names that the kernel will use for them."""
    filter = about(filter, sockets)
    values = filter.values
    if filter.kind in ("literal", "subpath"):
        values = tuple(map(name, values))
    return Filter(filter.kind, values,
                  tuple(canonical(one, name, sockets) for one in filter.children))


def leading(pattern: str) -> tuple[str, str]:
    """The plain text an anchored pattern begins with, and the rest; ("", pattern) if none."""
    if not pattern.startswith("^"):
        return "", pattern
    text, at = "", 1
    while at < len(pattern):
        letter, after = pattern[at], at + 1
        if letter == "\\" and after < len(pattern):
            letter, after = pattern[after], after + 1
        elif letter in _SPECIAL:
            break
        if pattern[after:after + 1] in ("*", "+", "?"):
            break
        text, at = text + letter, after
    return text, pattern[at:]


def tree(pattern: str) -> tuple[str, bool] | None:
    """(directory, whether itself too) if the pattern means everything below one, else None."""
    text, rest = leading(pattern)
    if text.endswith("/") and rest in ("", ".*", ".*$"):
        return text.rstrip("/") or "/", False
    if text and rest in ("(/.*)?$", "(/|$)", "($|/)"):
        return text, True
    return None


def base(pattern: str) -> str:
    """The deepest directory that holds everything an anchored pattern can match, else ""."""
    text = leading(pattern)[0]
    alternatives = "|" in pattern and pattern.find("|") < _closing(pattern)
    return "" if alternatives else text.rpartition("/")[0] or text[:1]


def _closing(pattern: str) -> int:
    """Where the first group begins: a bar in front of it splits the whole pattern."""
    at = pattern.find("(")
    return len(pattern) if at < 0 else at


def holds_below(filter: Filter, path: str, unsure: bool, opposite: bool) -> bool:
    """Does the filter match everything below a directory?

    ``unsure`` is the answer for a part that cannot tell, ``opposite`` the one inside an odd
    number of require-not.
    """
    kind, children = filter.kind, filter.children
    if kind == "require-not":
        return not holds_below(children[0], path, opposite, unsure)
    if kind in ("require-any", "require-all"):
        holds = (holds_below(one, path, unsure, opposite) for one in children)
        return any(holds) if kind == "require-any" else all(holds)
    if kind == "subpath":
        return any(value == "/" or (path + "/").startswith(value + "/") for value in filter.values)
    if kind == "regex":
        return unsure or any(_matches_all(value, path) for value in filter.values)
    if kind == "prefix":
        inside = path.rstrip("/") + "/"
        return unsure or any(inside.startswith(value) for value in filter.values)
    return unsure if kind in _OBJECTS else False


def _matches_all(pattern: str, path: str) -> bool:
    for end, instead in _OPEN_ENDS:
        if pattern.endswith(end) and not pattern[:-len(end)].endswith("\\"):
            pattern = pattern[:-len(end)] + instead
            break
    return "$" not in pattern and regex.search(pattern, path.rstrip("/") + "/")


def unsure(filter: Filter, positive: bool = True) -> bool:
    """Is there a part, outside or inside of an odd number of require-not, that trees cannot
    express?"""
    if filter.kind == "require-not":
        return unsure(filter.children[0], not positive)
    if filter.kind == "regex":
        return positive and any(tree(value) is None for value in filter.values)
    return (positive and filter.kind in _UNSURE
            or any(unsure(one, positive) for one in filter.children))


def named(filter: Filter) -> set[str]:
    """The paths at which what the filter says may change."""
    found = set(filter.values) if filter.kind in ("literal", "subpath") else set()
    if filter.kind == "regex":
        found.update(shape[0] for shape in map(tree, filter.values) if shape)
    return found.union(*map(named, filter.children))


def searched(filter: Filter) -> set[str]:
    """The directories whose present files have to be asked about; "" where nothing tells."""
    if not (unsure(filter) or unsure(filter, False)):
        return set()
    if filter.kind == "regex":
        return {base(value) for value in filter.values if tree(value) is None}
    if filter.kind == "prefix":
        return {value.rpartition("/")[0] or "/" for value in filter.values}
    if filter.kind == "require-all":
        inside = [named(one) for one in filter.children if not unsure(one)
                  and one.kind != "require-not"]
        return set().union(*inside) or set().union(*map(searched, filter.children))
    return set().union(*map(searched, filter.children)) if filter.children else {""}
