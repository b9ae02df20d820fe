"""What the kernel allows under a plan is what ``decide`` says, as far as the plan claims it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox_stub.linux.apply import enforce
from sandbox_stub.linux.grades import EXACT, LOOSE, NARROWED
from tests.sandbox.linux import deeds
from tests.sandbox.linux.confined import USERS, compiled, in_child, make_plan, needs_landlock

OPERATIONS = ("file-read*", "file-read-data", "file-write*", "file-write-data",
              "file-write-create", "file-write-unlink", "file*", "process-exec", "default",
              "file-write-mode")
pytestmark = needs_landlock


@st.composite
def filters(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(("subpath", "subpath", "literal", "regex")))
    path = draw(st.sampled_from(deeds.PATHS))
    if kind == "regex":
        end = draw(st.sampled_from(("/", "$", "(/.*)?$", "/[a-f]$", "")))
        return f'(regex #"^PREFIX{path}{end}")'
    plain = f'({kind} "PREFIX{path}")'
    if draw(st.integers(0, 5)):
        return plain
    other = draw(st.sampled_from(deeds.PATHS))
    return f'(require-all {plain} (require-not (subpath "PREFIX{other}")))'


@st.composite
def rules(draw: st.DrawFn) -> str:
    action = draw(st.sampled_from(("allow", "deny")))
    operations = draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=2))
    filtered = draw(st.lists(filters(), max_size=2))
    return f"({action} {' '.join(operations)} {' '.join(filtered)})"


profiles = st.tuples(st.sampled_from(("(allow default)", "(deny default)")),
                     st.lists(rules(), max_size=5)).map(lambda parts: parts[0] + "".join(parts[1]))


def disagreements(
    text: str, tree: str, root: str, uid: int | None, without: tuple[str, ...], abi: int | None
) -> list[str]:
    """Deeds for which the kernel's answer is not what a claim of the plan allows for."""
    prefix = "" if root == tree else tree
    profile = compiled(text.replace("PREFIX", prefix))

    def child() -> list[str]:
        made = make_plan(profile, root, without=without, abi=abi, cwd=tree, commit=True)
        claims: dict[object, set[str]] = {}
        for grade in made.grades:
            claims.setdefault(grade.rule, set()).add(grade.grade)
        expected = {(deed, directory): deeds.decided(made.profile, deed, directory, prefix)
                    for deed in deeds.DEEDS for directory in deeds.DIRECTORIES}
        enforce(made)
        wrong = []
        for key, really in deeds.do_all(tree).items():
            allowed, deciders = expected[key]
            claimed = set().union(*(claims.get(rule, {EXACT}) for rule in deciders))
            excuse = LOOSE if really else (NARROWED,)
            if really != allowed and not claimed.intersection(excuse):
                wrong.append(f"{key}: {really}, decided {allowed} by {deciders}, {claimed}")
        return wrong
    return in_child(child, uid)


@pytest.mark.parametrize(("without", "abi"), [
    ((), None), (("mounts", "network"), None), ((), 1), (("mounts", "network"), 2),
], ids=["mounts", "plain", "mounts-abi1", "plain-abi2"])
@pytest.mark.parametrize("plain", [False, True], ids=["tree", "slash"])
@pytest.mark.parametrize("uid", USERS)
def test_the_kernel_agrees_with_decide(
    uid: int | None, plain: bool, without: tuple[str, ...], abi: int | None, place: Path
) -> None:
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(profiles)
    def agree(text: str) -> None:
        tree = deeds.make_tree(place / "tree", uid)
        assert disagreements(text, tree, "/" if plain else tree, uid, without, abi) == []

    agree()
