"""Profiles with thousands of paths, as Nix writes them for a closure, and paths that are odd."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from dirserv.paths import Root
from sandbox_stub.linux import carving
from sandbox_stub.linux.apply import enforce
from sandbox_stub.linux.calls import Refused
from sandbox_stub.linux.pathrules import PathRules
from sandbox_stub.linux.places import Places
from sandbox_stub.linux.plan import Plan, plan
from sandbox_stub.linux.probe import Kernel
from tests.sandbox.linux.confined import (
    USERS,
    compiled,
    in_child,
    make_plan,
    needs_landlock,
    needs_mounts,
    outcome,
)

MANY = 200


def allowed(paths: list[str]) -> str:
    listed = "".join(f'({"subpath" if at % 5 else "literal"} "{path}")'
                     for at, path in enumerate(paths))
    return f"(deny default)(allow file-read* file-write-data process-exec {listed})"


@pytest.fixture
def closure(place: Path) -> Iterator[list[str]]:
    """Store paths, every fifth a file; one file is in each of the others."""
    for at in range(MANY):
        path = place / f"{at:032d}-input"
        if at % 5:
            path.mkdir(0o777)
            path /= "file"
        path.write_text("text")
        path.chmod(0o666)
    (place / "other").write_text("text")
    (place / "other").chmod(0o666)
    yield sorted(str(path) for path in place.iterdir() if path.name != "other")


@needs_landlock
@needs_mounts
@pytest.mark.parametrize("uid", USERS)
def test_more_trees_than_open_files_are_usual(
    uid: int | None, closure: list[str], place: Path
) -> None:
    """The limit that shells set is raised as long as it takes, and is then what it was."""
    profile = compiled(allowed(closure))
    limits = (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])

    def child() -> tuple[list[str], object]:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        enforce(make_plan(profile, commit=True))
        found = [outcome(os.open, path, flags) for flags in (os.O_RDONLY, os.O_WRONLY)
                 for path in (closure[0], closure[-1] + "/file", f"{place}/other")]
        return found, resource.getrlimit(resource.RLIMIT_NOFILE)

    found, after = in_child(child, uid)
    assert found == ["ok", "ok", "EACCES", "ok", "ok", "EROFS"]
    assert tuple(after) == limits


@needs_landlock
@needs_mounts
def test_a_limit_that_cannot_be_raised_is_named(closure: list[str]) -> None:
    profile = compiled(allowed(closure))

    def child() -> str:
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
        with pytest.raises(Refused) as refused:
            enforce(make_plan(profile, commit=True))
        return str(refused.value)

    said = in_child(child)
    assert said.startswith(f"{MANY} trees have to be laid over their places, which takes ") or (
        said.startswith(f"{MANY + 1} trees"))
    assert said.endswith("raise the limit on open files (ulimit -Hn), now 100")


def planned(text: str, root: Path, **kernel: object) -> Plan:
    has = {"abi": 7, "errata": 7, "seccomp": True, "mounts": True, "network": True, **kernel}
    return plan(compiled(text), Kernel(**has), root=Root(str(root)), cwd=str(root))


@pytest.mark.parametrize("mounts", [True, False])
def test_paths_that_are_alike_are_thought_about_once(mounts: bool, tmp_path: Path) -> None:
    """What one more path costs must not grow with the paths that there are."""
    def thoughts(count: int) -> tuple[int, int, int]:
        made = planned(allowed([f"/{at}" for at in range(count)]), tmp_path, mounts=mounts)
        paths = sum(f"{tmp_path}/{at}" in made.files.rules for at in range(count))
        return len(made.files._frames), len(made.files.notes), paths

    for at in range(MANY):
        path = tmp_path / str(at)
        path.mkdir() if at % 5 else path.touch()
    few, many = thoughts(10), thoughts(MANY)
    assert few[:2] == many[:2]
    assert (few[2], many[2]) == (10, MANY)


def test_every_rule_is_judged_though_its_paths_are_like_others(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    made = planned('(allow default)(deny file-write-times (subpath "/a"))'
                   '(deny file-write-times (subpath "/b"))', tmp_path)
    codes = [(grade.rule.text, grade.code) for grade in made.grades if grade.code]
    assert codes == [(f'(deny file-write-times (subpath "/{name}"))', "no-attribute-control")
                     for name in "ab"]


def test_a_path_may_be_deep_long_or_impossible(tmp_path: Path) -> None:
    for path in ("/a" * 2000, "/" + "a" * 5000, "/a\\x00b", "//", "relative"):
        made = planned(f'(deny default)(allow file-read* (subpath "{path}"))', tmp_path)
        assert made.grades
        plain = planned(f'(allow default)(deny file-read* (literal "{path}"))', Path("/"))
        assert plain.grades


def test_what_holds_for_a_path_is_found_without_the_others() -> None:
    profile = compiled('(deny default)(allow file-read* (subpath "/a" "/a/b/c"))'
                       '(deny file-read* (subpath "/a/b") (literal "/a/b/c/d"))')
    rules = PathRules(profile, Places(Root("/tree")))
    readable = {path: bool(rules.rights(rules.own(path)) & 0b1100) for path in (
        "/", "/a", "/a/x", "/a/b", "/a/b/x", "/a/b/c", "/a/b/c/d", "/a/b/c/d/e")}
    assert [path for path, is_readable in readable.items() if is_readable] == ["/a", "/a/x"]


BESIDE = [
    (["a"], {"b", "c"}),
    (["a/x"], {"a/y", "a/file", "b", "c"}),
    (["a/x", "b/x"], {"a/y", "a/file", "b/y", "b/file", "c"}),
    (["a", "b/x", "b/y"], {"b/file", "c"}),
    (["c/none/x"], {"a", "b", "c/x", "c/y", "c/file"}),
]


@pytest.mark.parametrize(("inside", "expected"), BESIDE)
def test_what_lies_beside(inside: list[str], expected: set[str], tmp_path: Path) -> None:
    for name in "abc":
        for below in "xy":
            (tmp_path / name / below).mkdir(parents=True)
        (tmp_path / name / "file").touch()
    found = carving.beside(str(tmp_path), [f"{tmp_path}/{path}" for path in inside])
    assert found is not None
    assert sorted(found) == sorted(f"{tmp_path}/{path}" for path in expected)


def test_too_much_beside_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abcd":
        (tmp_path / name).touch()
    monkeypatch.setattr(carving, "_LIMIT", 3)
    assert carving.beside(str(tmp_path), []) is None
    assert len(carving.beside(str(tmp_path), [f"{tmp_path}/a"]) or ()) == 3
