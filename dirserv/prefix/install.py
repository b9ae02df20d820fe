"""Installation, upgrade and removal: one after the other what plan, receipt and accounts do.

All of it can be killed anywhere and run again: the phase in the receipt says where to go on, and
the tree says which items are done (``receipt``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dirserv import __version__
from dirserv.admin.errors import AdminError
from dirserv.admin.progress import Progress
from dirserv.paths import Root
from dirserv.prefix import accounts, apply, plan, receipt, wanted
from dirserv.prefix.plan import Plan
from dirserv.prefix.receipt import INSTALLED, UNINSTALLING, Receipt
from dirserv.prefix.target import Target, as_owner, interpreter
from dirserv.prefix.wanted import Choices
from launchd_shim.client import Client
from launchd_shim.supervisor import darling

#: How long a supervisor that was told to end may take to be gone.
_PATIENCE_SECONDS = 40.0


@dataclass
class Result:
    """What was done, for people and for --json."""

    prefix: str
    kind: str
    version: str
    steps: list[dict[str, str]] = field(default_factory=list)
    #: What could not be put back, a sentence each.
    left: list[str] = field(default_factory=list)


def install(
    target: Target, python: str | None = None, without: Iterable[str] | None = None,
    system_version: str | None = None, dry_run: bool = False,
) -> Result:
    """Install, or bring an installation of any version and in any state up to this one.

    What is None is chosen as it was before. Raises AdminError, DSError, OSError.
    """
    tree = target.tree
    with as_owner(tree):
        old = receipt.load(tree)
        if old is not None and old.phase == UNINSTALLING:
            if dry_run:
                raise AdminError("an uninstallation was interrupted; run uninstall first")
            _uninstall(target, old, purge=False)
            old = None
        accounts.check(tree)
        new = _receipt(target, old, python, without, system_version)
        steps = _plan(target, old, new)
        result = _result(target, steps)
        if not dry_run:
            _apply(target, old, new, steps, result)
    return result


def _receipt(
    target: Target, old: Receipt | None, python: str | None,
    without: Iterable[str] | None, system_version: str | None,
) -> Receipt:
    if without is None:
        without = old.without if old else ()
    unknown = sorted(set(without) - set(wanted.names()))
    if unknown:
        raise AdminError(f"--without {unknown[0]}: there is no such part; "
                         f"there are {', '.join(wanted.names())}")
    python = interpreter(python or (old.python if old else None), target.tree)
    if system_version is None:
        system_version = old.system_version if old else ""
    return Receipt(__version__, target.kind, python, without=sorted(set(without)),
                   system_version=system_version)


def _plan(target: Target, old: Receipt | None, new: Receipt) -> Plan:
    laid = frozenset(item.name for item in old.items) if old else frozenset()
    without = frozenset(new.without)
    choices = Choices(new.python, without, new.system_version, laid)
    return plan.make(target.tree, wanted.everything(target, choices), old, without)


def _result(target: Target, steps: Plan) -> Result:
    result = Result(target.root or "/", target.kind, __version__)
    for step in steps.pending:
        result.steps.append({"do": step.verb, "path": f"/{step.item.path}",
                             "part": step.item.name, "why": step.why})
    result.steps += [{"do": "remove" if item.before is None else "restore",
                      "path": f"/{item.path}", "part": item.name, "why": "no longer wanted"}
                     for item in steps.dropped]
    return result


def _apply(
    target: Target, old: Receipt | None, new: Receipt, steps: Plan, result: Result
) -> None:
    tree = target.tree
    if old is None:
        accounts.capture(tree, new)
    else:
        new.accounts, new.made = old.accounts, old.made
        accounts.begin_upgrade(tree, new)
    new.items, new.dropped = steps.items, steps.dropped
    receipt.save(tree, new)
    progress = Progress(len(steps.pending) + len(steps.dropped))
    try:
        apply.apply(tree, steps, progress.step)
        for item in new.items:
            tree.sweep(item.path)
        result.left += apply.undo(tree, new.dropped, target.libexec, progress.step)
    finally:
        progress.close()
    accounts.make(tree, new)
    new.dropped, new.phase = [], INSTALLED
    receipt.save(tree, new)


def uninstall(target: Target, purge: bool = False) -> Result:
    """Put everything back. Raises AdminError if nothing is installed, DSError, OSError."""
    with as_owner(target.tree):
        old = receipt.load(target.tree)
        if old is None:
            receipt.discard(target.tree)
            raise AdminError(f"nothing is installed in {target.root or '/'}")
        return _uninstall(target, old, purge)


def _uninstall(target: Target, old: Receipt, purge: bool) -> Result:
    tree = target.tree
    _end_supervisor(Root(target.root))
    if old.phase != UNINSTALLING:
        accounts.decide(tree, old)
        old.phase = UNINSTALLING
        receipt.save(tree, old)
    result = Result(target.root or "/", target.kind, old.version)
    items = [*old.items, *old.dropped]
    progress = Progress(len(items))
    try:
        darling.release(target.root)
        result.left += accounts.retire(tree, old, purge)
        result.left += apply.undo(tree, items, target.libexec, progress.step)
    finally:
        progress.close()
    result.steps = [{"do": "restore" if item.before else "remove", "path": f"/{item.path}",
                     "part": item.name, "why": ""} for item in items]
    receipt.discard(tree)
    return result


def _end_supervisor(root: Root) -> None:
    """Have our launchd end, and its jobs with it: their programs are about to go.

    Raises AdminError if it does not.
    """
    if not Client(root, may_start=False).end(_PATIENCE_SECONDS):
        raise AdminError("launchd was told to end and still runs; try again when its jobs "
                         "have ended")
