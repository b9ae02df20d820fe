"""From what is wanted and what is there to the list of steps. Looks, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from dirserv.admin.errors import AdminError
from dirserv.prefix.receipt import Item, Receipt
from dirserv.prefix.state import State, file_state
from dirserv.prefix.tree import Tree
from dirserv.prefix.wanted import Wanted

#: Path -> name, what is to be there, a file's content, whether it is the admin's, and why.
Goals = dict[str, tuple[str, State, bytes | None, bool, str]]

#: What is only wanted because of what the tree was before: once laid, it stays wanted.
_LASTING = ("layout", "var-db", "profiles", "nix-conf")

#: The name of directories that are made only because something is to lie in them.
PARENT = "directory"


@dataclass
class Step:
    """One item and what a file is to hold."""

    item: Item
    verb: str
    data: bytes | None = None
    why: str = ""


@dataclass
class Plan:
    """``steps`` in the order in which they are taken; ``dropped`` is what an older version laid
    and nobody wants any more."""

    steps: list[Step] = field(default_factory=list)
    dropped: list[Item] = field(default_factory=list)

    @property
    def items(self) -> list[Item]:
        """What the receipt will list."""
        return [step.item for step in self.steps]

    @property
    def pending(self) -> list[Step]:
        """The steps that change something."""
        return [step for step in self.steps if step.verb != "keep"]


def make(tree: Tree, wanted: list[Wanted], old: Receipt | None, without: frozenset[str]) -> Plan:
    """The plan. Raises AdminError where something lies that cannot be replaced."""
    known = {item.path: item for item in (*old.items, *old.dropped)} if old else {}
    goals: Goals = {}
    for one in wanted:
        path = tree.resolve(one.path)
        _parents(tree, path, goals)
        goals[path] = (one.name, _after(one), one.data, one.config, one.why)
    for item in known.values():
        if item.name in _LASTING and item.name not in without:
            _parents(tree, item.path, goals)
            goals.setdefault(item.path, (item.name, item.after, None, item.config, ""))
    steps = [_step(tree, path, known.get(path), *goal) for path, goal in goals.items()]
    # What was a directory already before us is none of our business.
    steps = [step for step in steps if step.verb != "there"]
    kept = {step.item.path for step in steps}
    return Plan(steps, [item for path, item in known.items() if path not in kept])


def _parents(tree: Tree, path: str, goals: Goals) -> None:
    parts = path.split("/")[:-1]
    for end in range(1, len(parts) + 1):
        folder = "/".join(parts[:end])
        if folder not in goals:
            there = tree.state(folder)
            mode = there.mode if there is not None and there.kind == "dir" else 0o755
            goals[folder] = (PARENT, State("dir", mode), None, False, "")


def _after(one: Wanted) -> State:
    if one.target is not None:
        return State("link", 0, one.target)
    if one.data is not None:
        return file_state(one.data, one.mode)
    return State("dir", one.mode)


def _step(
    tree: Tree, path: str, known: Item | None, name: str, after: State, data: bytes | None,
    config: bool, why: str,
) -> Step:
    now = tree.state(path)
    before = known.before if known else now
    item = Item(path, name, before, after, config)
    if after.kind == "dir":
        if now is not None and now.kind != "dir":
            raise AdminError(f"{tree.path}/{path} is not a directory; move it away first")
        if now is None or now.lower:
            return Step(item, "create", why=why)
        return Step(item, "keep" if known else "there", why=why)
    if now is not None and now.kind in ("dir", "special"):
        raise AdminError(f"{tree.path}/{path} is neither a file nor a link; move it away first")
    laid = known is not None and now != known.before
    if (now == after and not now.lower) or (config and laid) or (data is None and not _link(after)):
        return Step(item, "keep", why=why)
    return Step(item, "create" if now is None else "replace", data, why)


def _link(state: State) -> bool:
    return state.kind == "link"
