"""Taking the steps of a plan, and taking items back. Each step can be repeated."""

from __future__ import annotations

from collections.abc import Callable

from dirserv.prefix.launchers import LIBRARY
from dirserv.prefix.plan import Plan, Step
from dirserv.prefix.receipt import Item, original
from dirserv.prefix.tree import Tree

Report = Callable[[str], None]


def apply(tree: Tree, plan: Plan, report: Report) -> None:
    """Take every step. Raises OSError."""
    for step in plan.pending:
        report(step.item.path)
        _take(tree, step)
    tree.sync({step.item.path.rpartition("/")[0] for step in plan.pending})


def _take(tree: Tree, step: Step) -> None:
    item, after = step.item, step.item.after
    if after.kind == "dir":
        tree.mkdir(item.path, after.mode)
        return
    now = tree.state(item.path)
    if now is not None and not now.lower and now == item.before:
        tree.keep(item.path, original(item.path))
    if after.kind == "link":
        tree.link(item.path, after.content)
    elif step.data is not None:
        tree.write(item.path, step.data, after.mode)


def undo(tree: Tree, items: list[Item], lower: str, report: Report) -> list[str]:
    """Take items back, the last first; returns a line for each that was left where it is.

    ``lower`` is the lower layer of a prefix whose container runs (then the tree is the merged
    view, in which removing a file would hide the lower layer's for good).
    """
    left = []
    for item in reversed(items):
        report(item.path)
        tree.sweep(item.path)
        reason = _take_back(tree, item, lower)
        if reason:
            left.append(f"/{item.path}: {reason}")
    tree.sync({item.path.rpartition("/")[0] for item in items})
    return left


def _take_back(tree: Tree, item: Item, lower: str) -> str:
    now, before = tree.state(item.path), item.before
    if item.after.kind == "dir":
        return _remove_directory(tree, item, lower)
    if now == before and (now is None or before is None or now.lower == before.lower):
        return ""
    if now is not None and now != item.after:
        return "changed since it was laid; left as it is"
    if before is None or before.lower:
        tree.remove(item.path)
        if before is not None and tree.lower is None:
            tree.write(item.path, Tree(lower).read(item.path), before.mode)
        return ""
    tree.move(original(item.path), item.path)
    return ""


def _remove_directory(tree: Tree, item: Item, lower: str) -> str:
    if item.before is not None and (not item.before.lower or tree.lower is None):
        return ""
    if f"/{item.path}/".startswith(f"{LIBRARY}/"):
        # Another Python than the one that the bundle is for keeps what it has compiled.
        cache = item.path.removesuffix("/__pycache__") + "/__pycache__"
        for name in tree.names(cache):
            if name.endswith(".pyc"):
                tree.remove(f"{cache}/{name}")
        tree.remove(cache)
    return "" if tree.remove(item.path) else "not empty; left as it is"
