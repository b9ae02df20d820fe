"""Target specifiers."""

from __future__ import annotations

import pytest

from launchd_shim.launchctl.failures import BadTarget, Failure
from launchd_shim.launchctl.targets import domain, natural, parse, service


@pytest.mark.parametrize(("word", "name", "text", "label"), [
    ("system", "system", "system", None),
    ("system/", "system", "system", None),
    ("system/com.x", "system", "system", "com.x"),
    ("system/com.x/more", "system", "system", "com.x"),
    ("user/501", "user/501", "uid: 501", None),
    ("gui/501", "gui/501", "user gui: 501", None),
    ("gui/501/", "gui/501", "user gui: 501", None),
    ("gui/0501/com.x", "gui/501", "user gui: 501", "com.x"),
    ("gui/501/a b/c", "gui/501", "user gui: 501", "a b"),
    ("login/100501/com.x", "gui/501", "login: 100501", "com.x"),
    ("session/100000", "gui/0", "asid: 100000", None),
])
def test_what_a_word_means(word: str, name: str, text: str, label: str | None) -> None:
    target = parse(word)
    assert (target.domain, target.text, target.label) == (name, text, label)


@pytest.mark.parametrize("word", [
    "", "/", "com.x", "nosuchdomain", "System/com.x", "gui", "gui/", "gui/ada/com.x", "user/-1",
    "user/foreground/com.x", "gui//com.x", "user/٣", "gui/" + "9" * 5000, "pid/self",
])
def test_what_is_no_target(word: str) -> None:
    with pytest.raises(BadTarget):
        parse(word)


@pytest.mark.parametrize("word", ["system", "gui/501", "gui/501/", "system/"])
def test_a_domain_is_no_service(word: str) -> None:
    with pytest.raises(BadTarget):
        service(word)
    assert domain(word).label is None


def test_a_service_is_no_domain() -> None:
    with pytest.raises(BadTarget):
        domain("system/com.x")
    assert service("system/com.x").label == "com.x"


@pytest.mark.parametrize(("word", "line"), [
    ("pid/17", "Could not find domain for pid: 17"),
    ("login/17/com.x", "Could not find domain for login: 17"),
    ("session/99999", "Could not find domain for asid: 99999"),
])
def test_domains_that_are_never_there(word: str, line: str) -> None:
    with pytest.raises(Failure) as raised:
        _ = parse(word).domain
    assert (raised.value.status, raised.value.line) == (112, line)


@pytest.mark.parametrize(("error", "line"), [
    (112, "Could not find domain for user gui: 501"),
    (113, 'Could not find service "com.x" in domain for user gui: 501'),
])
def test_failures_for_what_does_not_exist(error: int, line: str) -> None:
    failure = parse("gui/501/com.x").missing(error)
    assert failure is not None
    assert (failure.status, str(failure)) == (error, line + "\n")


def test_other_errors_do_not_mean_missing() -> None:
    assert parse("system/com.x").missing(5) is None
    assert parse("system").missing(113) is None


@pytest.mark.parametrize(("word", "number"), [
    ("0", 0), ("501", 501), ("007", 7), ("", None), ("-1", None), ("+1", None), ("1.0", None),
    ("²", None), ("٣", None), ("1" * 20, None),
])
def test_natural_numbers(word: str, number: int | None) -> None:
    assert natural(word) == number
