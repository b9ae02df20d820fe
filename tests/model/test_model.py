"""Commands against the model, and the C library against both (issue 2, acceptance 3)."""

from __future__ import annotations

import plistlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.darwin.fixture import root_possible  # noqa: F401 - a fixture
from tests.darwin.root import DarwinRoot
from tests.model import commands, flat, found, reading
from tests.model.model import GROUPS, USERS, Model
from tests.model.stages import Answer, InDarwinRoot, InDirectory, Stage
from tests.model.steps import Step

POOL = sorted({*commands.PLAIN, *commands.AWKWARD, *commands.BUILT_IN, "root", "me"})
ID_SPACE = 1 << 32

COMMON = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
#: The same examples every time, so that only a change of ours makes the default run fail; and not
#: shrunk, which takes minutes: the failing commands are few, and printed with their answers.
FIXED = settings(COMMON, derandomize=True, max_examples=25,
                 phases=[Phase.explicit, Phase.generate])
RANDOM = settings(COMMON, max_examples=200, print_blob=True)


@pytest.fixture(scope="module")
def darwin(root_possible: None) -> Iterator[Stage]:  # noqa: F811 - pytest's way
    """A Darwin-like root for all examples of this module."""
    with DarwinRoot() as root:
        yield Stage(InDarwinRoot(root))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A plain directory for all examples of this module."""
    return Stage(InDirectory(tmp_path_factory.mktemp("model")))


def perform(stage: Stage, steps: list[Step]) -> tuple[Model, Answer]:
    """Run the commands for real and in the model; status and dscl's picture must be alike."""
    before, answer = stage.perform([step.argv for step in steps], POOL)
    model, told = Model(before), ""
    for step, (status, errors) in zip(steps, answer["statuses"], strict=True):
        told += f"\n{step.argv} -> {status} {errors.strip()[-200:]}"
        assert "internal error" not in errors, told
        assert "Traceback" not in errors, told
        expected = step.apply(model)
        assert status == expected, f"the model says {expected}:{told}"
    wrong = reading.differences(model.state, reading.parse(answer["after"]))
    assert not wrong, "\n".join(wrong) + told
    return model, answer


def check_libc(model: Model, answer: Answer) -> None:
    """getpwall, getpwnam, getpwuid, getgr... and id(1) know what the model has, and no more."""
    users, groups = flat.users(model), flat.groups(model)
    libc = answer["libc"]
    assert by_name(libc["passwd"], seen_user) == users
    assert by_name(libc["group"], seen_group) == groups
    for name in POOL:
        assert seen_user(libc["user_by_name"][name]) == users.get(name), name
        assert seen_group(libc["group_by_name"][name]) == groups.get(name), name
    assert by_name(libc["user_by_id"].values(), seen_user) == users
    assert by_name(libc["group_by_id"].values(), seen_group) == groups
    check_id(users, groups, answer["ids"])


def check_id(
    users: dict[str, flat.User], groups: dict[str, flat.Group], ids: dict[str, list[str]]
) -> None:
    """id(1) of every name of the pool."""
    assert ids.pop("") == [], "id(1) knows a name that dscl does not show to it"
    assert ids.keys() == users.keys() & set(POOL)
    for name, (uid, gid, all_gids) in ids.items():
        user = users[name]
        assert (int(uid), int(gid)) == (user.uid, user.gid), name
        assert set(map(int, all_gids.split())) == flat.group_ids(user, groups), name


def by_name(entries: object, seen: Callable) -> dict[str, object]:
    """Entries by name; no two of one name."""
    shown = [seen(entry) for entry in entries]
    named = {entry.name: entry for entry in shown}
    assert len(named) == len(shown), f"a name twice: {shown}"
    return named


def seen_user(entry: list | None) -> flat.User | None:
    """An entry of pwd as the model writes it."""
    if entry is None:
        return None
    name, _, uid, gid, gecos, home, shell = entry
    return flat.User(name, uid % ID_SPACE, gid % ID_SPACE, gecos, home, shell)


def seen_group(entry: list | None) -> flat.Group | None:
    """An entry of grp as the model writes it."""
    return entry and flat.Group(entry[0], entry[2] % ID_SPACE, tuple(entry[3]))


def check_files(model: Model, etc: Path) -> None:
    """Every line of the flat files is an entry of the model, and every entry a line."""
    passwd = [line.split(":") for line in lines(etc / "passwd")]
    master = [line.split(":") for line in lines(etc / "master.passwd")]
    group = [line.split(":") for line in lines(etc / "group")]
    assert {len(fields) for fields in passwd} == {7}
    assert {len(fields) for fields in master} == {10}
    assert {len(fields) for fields in group} == {4}
    users = flat.users(model)
    assert by_name(passwd, lambda line: user_line(line[0], *line[2:])) == users
    assert by_name(master, lambda line: user_line(line[0], *line[2:4], *line[7:])) == users
    assert by_name(group, group_line) == flat.groups(model)


def lines(path: Path) -> list[str]:
    """The lines of a flat file without its comments."""
    text = path.read_bytes().decode()
    assert text.endswith("\n")
    return [line for line in text[:-1].split("\n") if not line.startswith("#")]


def user_line(name: str, uid: str, gid: str, *rest: str) -> flat.User:
    return flat.User(name, int(uid), int(gid), *rest)


def group_line(fields: list[str]) -> flat.Group:
    members = tuple(fields[3].split(",")) if fields[3] else ()
    return flat.Group(fields[0], int(fields[2]), members)


def check_plists(model: Model, node: Path) -> None:
    """Every record has its file in the dslocal node, and every file is a record's."""
    for kind in (USERS, GROUPS):
        files = (node / kind.lower()).iterdir()
        named = [plistlib.loads(file.read_bytes())["name"][0] for file in files]
        assert sorted(named) == sorted(reading.by_name(model.state, kind))


def check_directory(stage: Stage, steps: list[Step]) -> None:
    """All that can be asked of a plain directory."""
    model, _ = perform(stage, steps)
    assert isinstance(stage.place, InDirectory)
    private = stage.place.path / "private"
    check_files(model, private / "etc")
    check_plists(model, private / "var/db/dslocal/nodes/Default")


@pytest.mark.parametrize("steps", found.CASES.values(), ids=found.CASES)
def test_the_c_library_agrees_in_this_case(darwin: Stage, steps: list[Step]) -> None:
    check_libc(*perform(darwin, steps))


@pytest.mark.parametrize("steps", found.CASES.values(), ids=found.CASES)
def test_the_files_agree_in_this_case(plain: Stage, steps: list[Step]) -> None:
    check_directory(plain, steps)


@FIXED
@given(steps=commands.sequences())
def test_the_c_library_agrees_with_dscl_and_the_model(darwin: Stage, steps: list[Step]) -> None:
    check_libc(*perform(darwin, steps))


@settings(FIXED, max_examples=18)  # half as many in a second as in the root's memory
@given(steps=commands.sequences(15))
def test_the_files_agree_with_dscl_and_the_model(plain: Stage, steps: list[Step]) -> None:
    check_directory(plain, steps)


@pytest.mark.slow
@RANDOM
@given(steps=commands.sequences())
def test_the_c_library_agrees_after_any_sequence(darwin: Stage, steps: list[Step]) -> None:
    check_libc(*perform(darwin, steps))


@pytest.mark.slow
@RANDOM
@given(steps=commands.sequences())
def test_the_files_agree_after_any_sequence(plain: Stage, steps: list[Step]) -> None:
    check_directory(plain, steps)
