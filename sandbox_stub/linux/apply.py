"""A plan put in force, for this process and whatever it executes.

Everything is done in the process that is about to become the command, so nothing stays between it
and its caller. From the first failure on nothing may be executed: half a sandbox is none.
"""

from __future__ import annotations

import _stat as stat
import posix

from dirserv.system import parent
from sandbox_stub.linux import mounts, namespaces, seccomp
from sandbox_stub.linux.calls import Refused
from sandbox_stub.linux.frames import ATTRIBUTE, HIDE
from sandbox_stub.linux.landlock import Ruleset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox_stub.linux.files import Mount
    from sandbox_stub.linux.plan import Plan

__all__ = ["Refused", "enforce"]


def enforce(plan: Plan) -> None:
    """Confine this process for good. Import what is still needed before: files may be out of
    reach afterwards.

    Raises Refused with the reason; the process must then end without executing anything.
    """
    try:
        _namespaces(plan)
        ruleset = _ruleset(plan)
        if plan.places.chroot:
            _enter_tree(plan.places.tree)
        namespaces.no_new_privileges()
        if plan.confined:
            namespaces.drop_capabilities()
        if ruleset is not None:
            ruleset.restrict()
        if plan.filter:
            seccomp.install(plan.filter)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise Refused(f"{place}{error.strerror}") from error


def _namespaces(plan: Plan) -> None:
    flags = ((namespaces.NEWNS if plan.files.mounts else 0)
             | (namespaces.NEWNET if plan.network.private else 0))
    if not flags:
        return
    directory = _working_directory()
    flags |= namespaces.NEWUSER if plan.kernel.users else 0
    if flags & ~plan.kernel.entered:
        namespaces.enter(flags & ~plan.kernel.entered)
    if plan.network.loopback:
        namespaces.loopback_up()
    if plan.files.mounts:
        _mount(plan.files.mounts)
        _reopen_directories()
        _return_to(directory)


def _mount(steps: list[Mount]) -> None:
    early = [step.path for step in steps if step.early and step.action != HIDE]
    limits = mounts.make_room(len(early))
    trees = {path: mounts.clone(path) for path in early}
    hidden: list[str] = []
    for step in steps:
        if step.action == ATTRIBUTE:
            mounts.set_attributes(step.path, step.attributes)
        elif step.action == HIDE and step.directory:
            mounts.hide_directory(step.path)
            hidden.append(step.path)
        elif step.action == HIDE:
            mounts.hide_file(step.path)
        else:
            tree = trees.get(step.path)
            tree = mounts.clone(step.path) if tree is None else tree
            mounts.change(tree, step.attributes)
            if step.inside:
                mounts.place_for(step.path, step.directory)
            mounts.attach(tree, step.path)
    for path in hidden:
        mounts.close(path)
    mounts.limit_files(limits)


def _working_directory() -> str:
    try:
        return posix.getcwd()
    except FileNotFoundError:
        return "/"


def _return_to(directory: str) -> None:
    """Be in the same directory, as the new mounts show it, or the nearest one above."""
    while True:
        try:
            posix.chdir(directory)
            return
        except OSError:
            if directory == "/":
                raise
            directory = parent(directory)


def _reopen_directories() -> None:
    """Directories that the caller left open lead behind the new mounts: open them anew."""
    for name in posix.listdir("/proc/self/fd"):
        fd = int(name)
        try:
            if not stat.S_ISDIR(posix.fstat(fd).st_mode) or not posix.get_inheritable(fd):
                continue
        except OSError:
            continue  # the one that listed them
        try:
            anew = posix.open(posix.readlink(f"/proc/self/fd/{fd}"), posix.O_DIRECTORY)
        except OSError:
            anew = posix.open("/dev/null", posix.O_PATH)  # it is hidden now, or gone
        posix.dup2(anew, fd)
        posix.close(anew)


def _ruleset(plan: Plan) -> Ruleset | None:
    if not (plan.handled or plan.network.handled or plan.scopes):
        return None
    ruleset = Ruleset(plan.kernel.abi, plan.handled, plan.network.handled, plan.scopes)
    for path, rights in plan.files.rules.items():
        ruleset.allow(path, rights)
    for right, port in plan.network.ports:
        ruleset.allow_port(right, port)
    return ruleset


def _enter_tree(tree: str) -> None:
    directory = _working_directory()
    posix.chroot(tree)
    inside = directory == tree or directory.startswith(tree + "/")
    _return_to(directory[len(tree):] or "/" if inside else "/")
