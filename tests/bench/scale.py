"""The same command in directories of 100 to 100,000 users."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

from dirserv.directory import Directory
from dirserv.names import GROUPS, MEMBERSHIP, PRIMARY_GROUP_ID, UNIQUE_ID, USERS
from dirserv.paths import Root
from tests.bench.measure import Row, side_by_side
from tests.bench.roots import argv, installed, place

SIZES = (100, 1_000, 10_000, 100_000)
ROUNDS = 11
LARGEST_GROUP = 10_000

#: What is run -> (its words, the highest ratio to the smallest directory that is aimed at, why a
#: larger one). {middle} is a user, {id} his id, {value} another value each time.
COMMANDS = {
    "read by name": ("dscl . -read /Users/u{middle}", 1.3, ""),
    "search by id": ("dscl . -search /Users UniqueID {id}", 1.3, ""),
    "list": ("dscl . -list /Users", None, "every name is printed"),
    "create": ("dscl . -create /Users/u{middle} RealName {value}", None,
               "passwd and master.passwd are written whole"),
    "add to a large group": ("dseditgroup -o edit -a u{value} -t user large", None,
                             "all members stand in one line and one plist"),
}


def main(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """Each command in each directory, beside the smallest."""
    with place() as directory:
        taken = {size: _times(_filled(directory / str(size), size), size) for size in sizes}
    smallest = sizes[0]
    return [Row(f"{what}, {size:,} users", taken[size][what], taken[smallest][what], "ms",
                f"{smallest} users", goal, note)
            for what, (_, goal, note) in COMMANDS.items() for size in sizes[1:]]


def _filled(path: Path, size: int) -> Path:
    root = installed(path)
    with Directory(Root(str(root))).change() as change:
        for number in range(size):
            user = change.create(USERS, f"u{number}")
            change.set(user, UNIQUE_ID, [str(10_000 + number)])
            change.set(user, PRIMARY_GROUP_ID, ["20"])
        group = change.create(GROUPS, "large")
        change.set(group, PRIMARY_GROUP_ID, ["9999"])
        change.set(group, MEMBERSHIP, [f"u{n}" for n in range(min(size, LARGEST_GROUP) // 2)])
    return root


def _times(root: Path, size: int) -> dict[str, float]:
    values = itertools.count(size // 2)
    middle = size // 2

    def run(words: str) -> None:
        value = next(values) if "{value}" in words else ""
        filled = words.format(middle=middle, id=10_000 + middle, value=value)
        subprocess.run(argv(root, *filled.split()), stdin=subprocess.DEVNULL,
                       capture_output=True, check=True)

    actions = {what: (lambda words=words: run(words)) for what, (words, *_) in COMMANDS.items()}
    return side_by_side(actions, ROUNDS)
