"""A profile turned into a policy for this kernel, with a verdict on every rule (spec 5.4, 5.6)."""

from __future__ import annotations

import posix

from sandbox_stub.decision import decide
from sandbox_stub.filters import Target
from sandbox_stub.linux import gaps, landlock, seccomp
from sandbox_stub.linux.files import FilePolicy
from sandbox_stub.linux.grades import LOOSE, WIDENED, Grade, Note
from sandbox_stub.linux.network import NetworkPolicy
from sandbox_stub.linux.nodes import Nodes
from sandbox_stub.linux.pathrules import PathRules
from sandbox_stub.linux.places import Places
from sandbox_stub.linux.rights import ALL, ATTRIBUTES, READING, WRITING
from sandbox_stub.linux.verdicts import verdicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dirserv.paths import Root
    from sandbox_stub.linux.probe import Kernel
    from sandbox_stub.profile import Profile



class Plan:
    """What is to be put in force, and what that is worth.

    ``grades`` has at least one entry for every rule of the profile; ``upheld`` says for "read",
    "write", "network" and "signal" whether everything denied there is really denied;
    ``mechanisms`` names what is used.
    """

    def __init__(self, profile: Profile, kernel: Kernel, places: Places) -> None:
        self.profile, self.kernel, self.places = profile, kernel, places
        self._grades: list[Grade] | None = None
        self.judge: Callable[[], list[Grade]]
        self.upheld: dict[str, bool] = {}
        self.files: FilePolicy
        self.network: NetworkPolicy
        self.filter = b""
        #: Landlock scopes and the file rights that it withholds.
        self.scopes = self.handled = 0

    @property
    def grades(self) -> list[Grade]:
        """The verdicts, made when they are first asked for: most commands run without."""
        if self._grades is None:
            self._grades = self.judge()
        return self._grades

    @property
    def confined(self) -> bool:
        """Is anything denied for which ways around must be closed?"""
        return bool(self.handled or self.files.mounts or self.network.confined or self.scopes)

    @property
    def mechanisms(self) -> list[str]:
        """The means in use, strongest claims first."""
        used = ((self.handled or self.scopes or self.network.handled, "landlock"),
                (self.filter, "seccomp"), (self.files.mounts, "mount namespace"),
                (self.network.private, "network namespace"))
        return ["no_new_privs", *(name for use, name in used if use)]


def plan(
    profile: Profile, kernel: Kernel, *, root: Root, cwd: str = "", chroot: bool = False,
    needed: Iterable[tuple[str, int]] = (), guest: bool = False,
) -> Plan:
    """Compile a profile for a kernel; nothing is changed yet.

    ``root`` is the tree that the profile's paths are about, ``chroot`` whether the command will
    be executed in it; ``cwd`` the host path where patterns without a beginning are looked for;
    ``needed`` further (host path, rights) pairs for the platform (``baseline.PROGRAM``); ``guest``
    says that the command's own runtime talks through Unix sockets, as Darling's does.
    """
    places = Places(root, chroot=chroot, needed=needed)
    made = Plan(profile, kernel, places)
    rules = PathRules(profile, places)
    nodes = Nodes(profile, rules, places, cwd or posix.getcwd())
    notes = [store.note(node.below, WIDENED, "path-missing",
                        f"{node.path} does not exist: anything new can be made beside it")
             for store, node in nodes.outputs(kernel)]
    made.files = FilePolicy(nodes.by_host.values(), nodes.missing, kernel)
    made.network = NetworkPolicy(profile, kernel, keep_unix=guest)
    _withhold(made)
    _forbid(made)
    notes += made.files.notes
    notes += [Note(directory, ALL, WIDENED, "regex-snapshot",
                   "there are too many files to look at all of them",
                   (rules.own(directory), rules.below(directory)))
              for directory in nodes.unfinished]
    made.judge = lambda: verdicts(made, rules, notes, guest)
    made.upheld = {
        "read": not _any_loose(notes, READING),
        "write": not _any_loose(notes, WRITING | ATTRIBUTES),
        "network": not any(note.grade in LOOSE for note in made.network.notes),
        "signal": bool(made.scopes & landlock.SCOPE_SIGNAL) or _allowed(
            profile, "signal", Target(signal_target="others"))}
    return made


def stops(plan: Plan, accepted: Iterable[str] = gaps.ACCEPTED) -> list[Grade]:
    """What enforce-strict cannot put up with: denials that are neither exact nor narrowed, for a
    reason that is not accepted (spec 5.5)."""
    return [grade for grade in plan.grades
            if grade.grade in LOOSE and grade.code not in accepted
            and (grade.rule.action == "deny" or grade.grade == WIDENED)]


def _withhold(made: Plan) -> None:
    """Decide which rights Landlock is to handle."""
    files, _, scopes = landlock.handled(made.kernel.abi)
    if not _allowed(made.profile, "signal", Target(signal_target="others")):
        made.scopes |= scopes & landlock.SCOPE_SIGNAL
    if made.network.scope:
        made.scopes |= scopes & landlock.SCOPE_ABSTRACT_UNIX
    everywhere = made.files.rules.get("/", 0)
    made.handled = files & ~everywhere
    if made.confined:
        # Moving between directories is refused by every ruleset that does not allow it; and even
        # one that grants all it handles keeps mounts and processes outside from being changed.
        made.handled |= files & (landlock.REFER | landlock.MAKE_CHAR)


def _forbid(made: Plan) -> None:
    """Decide which system calls are refused."""
    denied: list[seccomp.Deny] = []
    if made.confined:
        denied += seccomp.ESCAPES
    if made.files.setid:
        denied += seccomp.SETID
    if not _allowed(made.profile, "process-fork"):
        denied += seccomp.FORK
    for operation, calls in seccomp.OPERATIONS.items():
        if not _allowed(made.profile, operation):
            denied += map(seccomp.Deny, calls)
    if made.kernel.seccomp and (denied or made.network.families is not None):
        made.filter = seccomp.program([*seccomp.UNSEEN, *denied], made.network.families)


def _allowed(profile: Profile, operation: str, target: Target | None = None) -> bool:
    return decide(profile, operation, target).allowed


def _any_loose(notes: list[Note], bits: int) -> bool:
    return any(note.grade in LOOSE and note.bits & bits for note in notes)
