"""What a profile allows to be done with a path, and with everything below it.

The same resolution as ``sandbox_stub.decision`` (spec/sandbox.md 3.5), arranged so that one of
thousands of paths costs a few look-ups: a Nix profile names its whole closure.
"""

from __future__ import annotations

from sandbox_stub import operations
from sandbox_stub.filters import Target
from sandbox_stub.linux import landlock as right
from sandbox_stub.linux import patterns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox_stub.filters import Filter
    from sandbox_stub.linux.places import Places
    from sandbox_stub.profile import Profile, Rule

    #: (rights, "allow" or "deny", the rule that decided)
    Verdict = tuple[int, str, Rule | None]

#: Rights that Landlock does not know: asking for attributes, the setuid and setgid bits, and
#: changing attributes, a bit for each kind.
METADATA, SETID = 1 << 32, 1 << 33
_ATTRIBUTES = tuple((f"file-write-{kind}", 1 << 34 + at) for at, kind in enumerate(
    ("mode", "owner", "times", "flags", "xattr", "acl")))
ATTRIBUTES = sum(bit for _, bit in _ATTRIBUTES)
READING = right.READ_FILE | right.READ_DIR
REMOVING = right.REMOVE_DIR | right.REMOVE_FILE
MAKING = right.MAKE_DIR | right.MAKE_REG | right.MAKE_SYM | right.MAKE_FIFO
WRITING = right.WRITE_FILE | right.TRUNCATE | MAKING | REMOVING | right.REFER
#: Operation -> what of the kernel's it is
RIGHTS = (
    ("file-read-data", READING),
    ("file-read-metadata", METADATA),
    ("process-exec*", right.EXECUTE),
    ("file-write-data", right.WRITE_FILE | right.TRUNCATE),
    ("file-write-create", MAKING),
    ("file-write-unlink", REMOVING),
    ("file-write-setugid", SETID),
    ("file-mknod", right.MAKE_CHAR | right.MAKE_BLOCK),
    ("file-ioctl", right.IOCTL_DEV),
    ("network-bind", right.MAKE_SOCK),
    ("network-outbound", right.RESOLVE_UNIX),
    *_ATTRIBUTES,
)
ALL = sum({bits for _, bits in RIGHTS}) | right.REFER


class _Level:
    """One operation's own rules; the number of a rule tells its age."""

    def __init__(self, operation: str) -> None:
        self.literals: dict[str, tuple[int, Rule]] = {}
        self.subtrees: dict[str, tuple[int, Rule]] = {}
        self.others: list[tuple[int, Rule, Filter]] = []
        self.fallback: Rule | None = None
        self.initial = operations.initial(operation)

    def add(self, age: int, rule: Rule, filter: Filter) -> None:
        """Take a filter in; later calls are newer."""
        if filter.kind == "require-any":
            for one in filter.children:
                self.add(age, rule, one)
        elif filter.kind in ("literal", "subpath"):
            index = self.literals if filter.kind == "literal" else self.subtrees
            for value in filter.values:
                index[value] = (age, rule)
        else:
            self.others.insert(0, (age, rule, filter))

    def newest(
        self, ancestors: list[str], literal: bool, matches: Callable[[Filter, Rule], bool]
    ) -> Rule | None:
        """The newest rule that holds for a path, given with the directories above it; ``matches``
        judges the filters that are not mere paths."""
        age, found = self.literals.get(ancestors[0], _NONE) if literal else _NONE
        for path in ancestors:
            other = self.subtrees.get(path, _NONE)
            if other[0] > age:
                age, found = other
        for older, rule, filter in self.others:
            if older < age:
                break
            if matches(filter, rule):
                return rule
        return found


_NONE: tuple[int, Rule | None] = (-1, None)


class PathRules:
    """The decisions of one profile about canonical paths."""

    def __init__(self, profile: Profile, places: Places) -> None:
        self._places = places
        self._levels: dict[str, _Level] = {}
        #: rule -> its filter with canonical paths
        self.filters: dict[Rule, Filter] = {}
        for age, rule in enumerate(profile.rules):
            self._add(age, rule)
        #: The levels that decide -> the rights for which they do; mostly there are few.
        self._chains: dict[tuple[_Level, ...], int] = {}
        for operation, bits in RIGHTS:
            chain = self._chain(operation)
            self._chains[chain] = self._chains.get(chain, 0) | bits

    @property
    def plain(self) -> bool:
        """Whether paths alone decide: then nothing changes but at a path that a rule names."""
        return not any(level.others for chain in self._chains for level in chain)

    def _add(self, age: int, rule: Rule) -> None:
        if rule.filter is not None:
            self.filters[rule] = patterns.canonical(rule.filter, self._places.canonical)
        for operation in rule.operations:
            level = self._level(operation)
            if rule.filter is None:
                level.fallback = rule
            else:
                level.add(age, rule, self.filters[rule])

    def _level(self, operation: str) -> _Level:
        level = self._levels.get(operation)
        if level is None:
            level = self._levels[operation] = _Level(operation)
        return level

    def _chain(self, operation: str) -> tuple[_Level, ...]:
        """The levels that can decide, most specific first; the last one always does."""
        found = []
        for level in map(self._level, operations.lineage(operation)):
            if level.literals or level.subtrees or level.others:
                found.append(level)
            if level.fallback or level.initial:
                return (*found, level)
        raise AssertionError("default has an initial action")

    def own(self, path: str, vnode_type: str | None = None, mode: int | None = None) -> int:
        """The rights on the object at a path."""
        return _rights(self._own(path, vnode_type, mode))

    def below(self, path: str) -> int:
        """The rights on everything below a directory for which no other path is named."""
        return _rights(self._below(path))

    def deciders(self, path: str, bits: int, action: str) -> set[Rule]:
        """The rules that allow or deny some of these rights at or below a path."""
        return {rule for verdict in (self._own(path, None, None), self._below(path))
                for mask, acts, rule in verdict if mask & bits and acts == action and rule}

    def _own(self, path: str, vnode_type: str | None, mode: int | None) -> Iterator[Verdict]:
        targets = [Target(name, vnode_type=vnode_type, mode=mode, socket_path=name)
                   for name in self._places.spellings(path)]
        ancestors = _ancestors(path)
        return self._verdicts(lambda level: level.newest(
            ancestors, True, lambda filter, rule: any(map(filter.matches, targets))))

    def _below(self, path: str) -> Iterator[Verdict]:
        names = self._places.spellings(path)
        ancestors = _ancestors(path)
        return self._verdicts(lambda level: level.newest(
            ancestors, False, lambda filter, rule: any(
                patterns.holds_below(filter, name, False, rule.action == "allow")
                for name in names)))

    def _verdicts(self, newest: Callable[[_Level], Rule | None]) -> Iterator[Verdict]:
        """For every kind of right what decides: the rule, or what holds by nature."""
        known: dict[_Level, Rule | None] = {}
        for chain, bits in self._chains.items():
            for level in chain:
                if level not in known:
                    known[level] = newest(level) or level.fallback
                rule = known[level]
                action = rule.action if rule else level.initial
                if action:
                    yield bits, action, rule
                    break


def _rights(verdicts: Iterator[Verdict]) -> int:
    total = sum(bits for bits, action, _ in verdicts if action == "allow")
    if not total & right.MAKE_REG:
        total &= ~right.MAKE_SOCK
    return total | (right.REFER if total & (MAKING | REMOVING) else 0)


def _ancestors(path: str) -> list[str]:
    found = [path]
    while path not in ("/", ""):
        path = path.rpartition("/")[0] or "/"
        found.append(path)
    return found
