"""Every way out is barred under enforce, or the plan says that it is open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_stub.linux import gaps
from sandbox_stub.linux.apply import enforce
from tests.sandbox.linux import escapes
from tests.sandbox.linux.confined import (
    HERE,
    USERS,
    compiled,
    in_child,
    make_plan,
    needs_landlock,
    needs_mounts,
)

pytestmark = needs_landlock
#: Profiles by the mechanism that they rest on; each denies what the ways are after.
PROFILES = {
    "allow list": """(deny default) (allow process-fork) (allow file-read-metadata)
        (allow file* (subpath "PLACE/inside"))
        (deny file-read* file-write* (subpath "PLACE/inside/masked")
              (subpath "PLACE/inside/around/masked"))
        (deny file-write-setugid) (deny file-mknod)""",
    "deny list": """(allow default)
        (deny file-read* file-write* (subpath "PLACE/outside") (subpath "PLACE/inside/masked")
              (subpath "PLACE/inside/around/masked"))
        (deny network*) (deny signal) (deny file-write-setugid) (deny file-mknod) (deny file-chroot)
        (deny process-exec)""",
}
MECHANISMS = {
    "all": (), "no namespaces": ("mounts", "network"),
    "no mounts": ("mounts",),
}


def furnish(place: Path) -> None:
    """What the ways lead to, afresh."""
    for directory in ("inside/masked", "inside/around/masked", "inside/empty", "outside"):
        (place / directory).mkdir(parents=True)
        (place / directory / "secret").write_bytes(escapes.SECRET)
    (place / "inside/mine").write_text("mine")
    shutil.copy("/bin/true", place / "inside/program")
    for directory, _, names in os.walk(place):
        for name in (".", *names):
            os.chmod(os.path.join(directory, name), 0o777)


@pytest.fixture
def stage(place: Path) -> Iterator[escapes.Stage]:
    furnish(place)
    made = escapes.Stage(str(place))
    yield made
    made.close()


@pytest.mark.parametrize("way", escapes.WAYS)
@pytest.mark.parametrize("without", MECHANISMS.values(), ids=MECHANISMS)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("uid", USERS)
def test_no_way_out(
    uid: int | None, profile: str, without: tuple[str, ...], way: str, stage: escapes.Stage,
    place: Path,
) -> None:
    rules = compiled(PROFILES[profile].replace("PLACE", str(place)))
    escape, code = escapes.WAYS[way]

    def child() -> tuple[object, set[str]]:
        made = make_plan(rules, without=without, commit=True)
        listed = {grade.code for grade in made.grades} | {code for code, _ in gaps.ALWAYS}
        enforce(made)
        try:
            return escape(stage), listed
        except OSError as error:
            return error, listed

    got, listed = in_child(child, uid)
    barred = isinstance(got, OSError) or got == b"nothing"
    assert barred or (code and code in listed), f"{way}: {got!r}"
    assert (place / "outside/secret").read_bytes() == escapes.SECRET
    assert sorted(os.listdir(place / "outside")) == ["secret"]


@pytest.mark.parametrize("way", [
    "plain read", "masked read", "symlink", "hard link", "dot dot", "rename in", "rename out",
    "rename the mask", "rename around the mask", "proc self root", "proc outer root", "setuid",
    "abstract socket", "directory left open", "root left open", "signal outer", "chmod outside",
    "program from memory", "working directory", "truncate outside", "exchange of names",
    "descriptor opened anew", "mapping outside", "times outside",
])
def test_without_a_sandbox_the_way_is_open(way: str, stage: escapes.Stage) -> None:
    """The suite tries something: none of these is barred but by the sandbox."""
    escape, _ = escapes.WAYS[way]
    assert in_child(lambda: escape(stage) != b"nothing")


@needs_mounts
def test_a_file_handed_over_from_outside_can_be_used_as_the_plan_says(
    stage: escapes.Stage, place: Path
) -> None:
    assert "inherited-descriptor" in dict(gaps.ALWAYS)
    handed = os.open(place / "outside/secret", os.O_RDONLY)
    rules = compiled(PROFILES["allow list"].replace("PLACE", str(place)))

    def child() -> bytes:
        enforce(make_plan(rules))
        return os.read(handed, 100)

    assert in_child(child) == escapes.SECRET
    os.close(handed)


@pytest.mark.skipif(HERE.abi < 6, reason="ABI 6 came with scopes")
def test_an_older_kernel_lists_what_it_cannot_bar(place: Path) -> None:
    made = make_plan('(deny default)', abi=5)
    assert not made.upheld["signal"]
    assert "abi-too-low" in {grade.code for grade in made.grades}
