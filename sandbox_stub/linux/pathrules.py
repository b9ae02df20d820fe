"""What a profile allows to be done with a path, and with everything below it.

The same resolution as ``sandbox_stub.decision`` (spec/sandbox.md 3.5), arranged so that one of
thousands of paths costs a few look-ups: a Nix profile names its whole closure.
"""

from __future__ import annotations

from sandbox_stub import operations
from sandbox_stub.filters import FILE_TYPES, Target
from sandbox_stub.linux import landlock as right
from sandbox_stub.linux import patterns
from sandbox_stub.linux.rights import MAKING, REMOVING, RIGHTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_stub.filters import Filter
    from sandbox_stub.linux.places import Places
    from sandbox_stub.profile import Profile, Rule

    #: The rules that hold for something.
    Numbers = frozenset[int]
    #: (rights, "allow" or "deny", the rule that decided)
    Verdict = tuple[int, str, Rule | None]
    #: Whether it is about sockets, and the operations that can decide, most specific first; the
    #: last one always does.
    Chain = tuple[bool, tuple[str, ...]]

_FILES, _SOCKETS = False, True


class PathRules:
    """The decisions of one profile about canonical paths.

    Thousands of paths share a few sets of rules that hold for them, and such a set says all about
    a path: so the rules are numbered by age, and what a set of numbers means is worked out once.
    A rule has two numbers, as one about files and as one about the sockets that have a path.
    """

    def __init__(self, profile: Profile, places: Places) -> None:
        self._places = places
        self._rules = profile.rules
        self._literals: dict[str, tuple[int, ...]] = {}
        self._subtrees: dict[str, tuple[int, ...]] = {}
        self._patterns: list[tuple[int, Filter]] = []
        #: what decides -> the rights for which it does; mostly there are few
        self._chains: dict[Chain, int] = {}
        filtered = {name for rule in profile.rules if rule.filter for name in rule.operations}
        for operation, bits in RIGHTS:
            chain = _chain(profile, operation, filtered)
            self._chains[chain] = self._chains.get(chain, 0) | bits
        self._fallbacks = {name: profile.fallback(name)
                           for _, names in self._chains for name in names}
        for age, rule in enumerate(profile.rules):
            if rule.filter is not None:
                for side in {side for side, names in self._chains
                             if not set(names).isdisjoint(rule.operations)}:
                    self._index(2 * age + side, rule.filter, side)
        self._within = {"/": frozenset(self._subtrees.get("/", ()))}
        self._meanings: dict[Numbers, tuple[int, list[Verdict]]] = {}

    def _index(self, number: int, filter: Filter, side: bool) -> None:
        filter = patterns.about(filter, side)
        if filter.kind == "require-any":
            for one in filter.children:
                self._index(number, one, side)
        elif filter.kind in ("literal", "subpath"):
            index = self._literals if filter.kind == "literal" else self._subtrees
            for path in map(self._places.canonical, filter.values):
                index[path] = (*index.get(path, ()), number)
        elif filter is not patterns.NEVER:
            self._patterns.append(
                (number, patterns.canonical(filter, self._places.canonical, side)))

    @property
    def plain(self) -> bool:
        """Whether paths alone decide: then nothing changes but at a path that a rule names."""
        return not self._patterns

    def named(self) -> set[str]:
        """The paths at which something may change."""
        return {*self._literals, *self._subtrees}.union(
            *(patterns.named(filter) for _, filter in self._patterns))

    def searched(self) -> set[str]:
        """The directories whose present files have to be asked about; "" where nothing tells."""
        return set().union(*(patterns.searched(filter) for _, filter in self._patterns))

    def patterns(self, rule: Rule) -> list[Filter]:
        """What a rule says that is no mere path."""
        return [filter for number, filter in self._patterns if self._rules[number // 2] is rule]

    def own(self, path: str, mode: int = 0) -> Numbers:
        """The rules that hold for the object at a path; ``mode`` is its st_mode."""
        numbers = self._subtree(path)
        if path in self._literals:
            numbers = numbers.union(self._literals[path])
        if not self._patterns:
            return numbers
        kind, bits = (FILE_TYPES.get(mode & 0o170000), mode & 0o7777) if mode else (None, None)
        targets = [Target(name, vnode_type=kind, mode=bits)
                   for name in self._places.spellings(path)]
        return numbers.union(number for number, filter in self._patterns
                             if any(map(filter.matches, targets)))

    def below(self, path: str) -> Numbers:
        """The rules that hold for everything below a directory that no other path is named for."""
        numbers = self._subtree(path)
        if not self._patterns:
            return numbers
        names = self._places.spellings(path)
        return numbers.union(
            number for number, filter in self._patterns
            if any(patterns.holds_below(
                filter, name, False, self._rules[number // 2].action == "allow")
                for name in names))

    def _subtree(self, path: str) -> Numbers:
        """The rules with a subpath that the path lies in."""
        waiting = []
        while path not in self._within:
            waiting.append(path)
            path = path.rpartition("/")[0] or "/"
        numbers = self._within[path]
        for path in reversed(waiting):
            if path in self._subtrees:
                numbers = numbers.union(self._subtrees[path])
            self._within[path] = numbers
        return numbers

    def rights(self, numbers: Numbers) -> int:
        """The rights that these rules leave."""
        return self._meaning(numbers)[0]

    def verdicts(self, numbers: Numbers) -> list[Verdict]:
        """What of these rules decides, for every kind of right."""
        return self._meaning(numbers)[1]

    def deciders(self, numbers: Iterable[Numbers], bits: int, action: str) -> set[Rule]:
        """The rules that allow or deny some of these rights."""
        return {rule for each in numbers for mask, acts, rule in self.verdicts(each)
                if mask & bits and acts == action and rule}

    def _meaning(self, numbers: Numbers) -> tuple[int, list[Verdict]]:
        known = self._meanings.get(numbers)
        if known is None:
            newest = sorted(numbers, reverse=True)
            verdicts = [self._verdict(chain, bits, newest)
                        for chain, bits in self._chains.items()]
            known = self._meanings[numbers] = _rights(verdicts), verdicts
        return known

    def _verdict(self, chain: Chain, bits: int, newest: list[int]) -> Verdict:
        side, names = chain
        for name in names:
            for number in newest:
                rule = self._rules[number // 2]
                if number % 2 == side and name in rule.operations:
                    return bits, rule.action, rule
            fallback = self._fallbacks[name]
            if fallback is not None:
                return bits, fallback.action, fallback
        return bits, operations.initial(names[-1]) or "deny", None


def _chain(profile: Profile, operation: str, filtered: set[str]) -> Chain:
    found = []
    for name in operations.lineage(operation):
        last = profile.fallback(name) or operations.initial(name)
        if last or name in filtered:
            found.append(name)
        if last:
            break
    return _SOCKETS if operation.startswith("network") else _FILES, tuple(found)


def _rights(verdicts: list[Verdict]) -> int:
    total = sum(bits for bits, action, _ in verdicts if action == "allow")
    if not total & right.MAKE_REG:
        total &= ~right.MAKE_SOCK
    return total | (right.REFER if total & (MAKING | REMOVING) else 0)
