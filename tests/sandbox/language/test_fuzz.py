"""Random texts: every one compiles or ends with an error's sentence (issue 4, 5.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_stub import evaluator, limits
from sandbox_stub.compiler import compile_profile
from sandbox_stub.decision import decide
from sandbox_stub.errors import ProfileError
from sandbox_stub.filters import Target
from sandbox_stub.library import Library, constant
from sandbox_stub.operations import operations

WORDS = sorted(Library({}, lambda name: None).variables())
leaves = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from("default file* file-read-data network* signal x y f => else ip tcp unix-socket "
                    "self REGULAR-FILE no-log report #t #f 0 1 -3 2.5 #\\a () 'a . # ' ` , ,@"
                    .split()),
    st.sampled_from(['"/a"', '"*:80"', '"localhost:*"', '""', '#"^/a.*"', '"a\\x41;"', "; c\n"]),
)
forms = st.recursive(leaves, lambda inner: st.lists(inner, max_size=5).map(
    lambda parts: "(" + " ".join(parts) + ")"), max_leaves=25)
profiles = st.lists(forms, max_size=6).map(lambda parts: "(version 1)" + "\n".join(parts))


@pytest.fixture(autouse=True)
def small_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that chance finds shall not take the test's whole time."""
    monkeypatch.setattr(limits, "STEPS", 5000)


def attempt(text: str | bytes, strict: bool) -> None:
    """Compile and, if that goes well, decide; nothing but ProfileError may come out."""
    try:
        profile = compile_profile(text, strict=strict, parameters={"X": "/x"})
    except ProfileError as error:
        assert str(error).strip() or error.message == ""
        return
    assert all(rule.text for rule in profile.rules)
    for operation in ("default", "file-read-data", "network-outbound", "signal"):
        found = decide(profile, operation, Target("/a", network=("tcp", "localhost", 80)))
        assert found.action in ("allow", "deny")
    assert strict is False or not any("unbound" in warning for warning in profile.warnings)


@given(profiles, st.booleans())
def test_forms(text: str, strict: bool) -> None:
    attempt(text, strict)


@given(st.text(max_size=200), st.booleans())
def test_text(text: str, strict: bool) -> None:
    attempt(text, strict)


@given(st.text(alphabet="()\"\\;#'`,.@ \nabtx01-*", max_size=200), st.booleans())
def test_punctuation(text: str, strict: bool) -> None:
    attempt("(version 1)" + text, strict)


@given(st.binary(max_size=200), st.booleans())
def test_bytes(text: bytes, strict: bool) -> None:
    attempt(text, strict)


@given(st.sampled_from(WORDS), st.lists(leaves, max_size=4), st.booleans())
def test_every_procedure_with_any_arguments(word: str, arguments: list[str], strict: bool) -> None:
    attempt(f"(version 1)({word} {' '.join(arguments)})", strict)


@given(st.sampled_from([(lambda s: s[:len(s) // 2]), (lambda s: s + ")"), (lambda s: s[::-1]),
                        (lambda s: s.replace("(", "", 1)), (lambda s: s * 2)]), profiles)
def test_damaged_profiles(damage, text: str) -> None:
    attempt(damage(text), True)


def test_constants_are_no_operations() -> None:
    assert all(constant(name) is not None for name in operations())
    assert constant("bogus") is None
    assert evaluator.TYPES["string"]("a") is True
