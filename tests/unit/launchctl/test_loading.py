"""bootstrap, bootout, load and unload: what they ask, and what they make of the answers."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from tests.unit.launchctl.conftest import Launchctl
from tests.unit.launchctl.fake import FakeLaunchd, service

HINT = "Try re-running the command as root for richer errors.\n"
LOAD_HINT = "Try running `launchctl bootstrap` as root for richer errors.\n"
UNLOAD_HINT = "Try running `launchctl bootout` as root for richer errors.\n"
USAGE_BOOTSTRAP = "Usage: launchctl bootstrap <domain-target> [service-path, service-path2, ...]\n"
USAGE_LOAD = "Usage: launchctl load <service-path, service-path2, ...>\n"


def plist(root: Path, path: str, **keys: object) -> str:
    """A property list in the root; returns its path as launchctl gets it."""
    file = Path(f"{root}{path}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(plistlib.dumps(keys))
    return path


def asked(launchd: FakeLaunchd, *keys: str) -> list[tuple]:
    """The values of these keys in every request."""
    return [tuple(request.get(key) for key in keys) for request in launchd.requests]


def test_bootstrap_asks_for_each_path(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    assert launchctl("bootstrap", "system", "/a.plist", "/b.plist") == ("", "", 0)
    assert launchd.requests == [
        {"verb": "bootstrap", "domain": "system", "path": path, "force": False}
        for path in ("/a.plist", "/b.plist")
    ]


def test_a_relative_path_starts_from_the_working_directory(
    launchd: FakeLaunchd, launchctl: Launchctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    launchd.errors = {"bootstrap": 109}
    assert launchctl("bootstrap", "system", "a.plist") == (
        "", "Bootstrap failed: 109: Invalid property list\n", 109)
    assert asked(launchd, "path") == [("/a.plist",)]


def test_a_directory_means_the_property_lists_in_it(
    launchd: FakeLaunchd, launchctl: Launchctl, tmp_path: Path
) -> None:
    for name in ("b.plist", "a.plist", ".hidden.plist", "notes.txt", "below/c.plist"):
        plist(tmp_path, f"/Library/LaunchDaemons/{name}", Label=name)
    launchd.errors = {"bootstrap": 110}
    assert launchctl("bootstrap", "system", "/Library/LaunchDaemons/") == ("", (
        "/Library/LaunchDaemons/a.plist: Invalid or missing service identifier\n"
        "/Library/LaunchDaemons/b.plist: Invalid or missing service identifier\n"
        "Bootstrap failed: 133: Multiple errors were returned; see stderr\n"), 133)
    assert asked(launchd, "path") == [
        ("/Library/LaunchDaemons/a.plist",), ("/Library/LaunchDaemons/b.plist",)]


@pytest.mark.parametrize(("error", "root", "user"), [
    (0, 0, 0), (17, 5, 5), (37, 5, 5), (119, 5, 5), (1, 1, 5), (2, 2, 5), (109, 109, 5),
    (110, 110, 5), (111, 111, 5), (122, 122, 5), (134, 134, 5), (125, 125, 125), (5, 5, 5),
])
def test_bootstrap_tells_users_less(
    launchd: FakeLaunchd, launchctl: Launchctl, error: int, root: int, user: int
) -> None:
    launchd.errors = {"bootstrap": error}
    for euid, status in ((0, root), (501, user)):
        out, err, given = launchctl("bootstrap", "gui/501", "/a.plist", euid=euid)
        assert (out, given) == ("", status)
        assert err.startswith(f"Bootstrap failed: {status}: " if status else "")
        assert err.endswith(HINT) == (status == 5 and euid != 0)


def test_one_failure_of_several_paths_keeps_its_number(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.errors = {"bootstrap /b.plist": 17}
    assert launchctl("bootstrap", "system", "/a.plist", "/b.plist") == ("", (
        "/b.plist: service already bootstrapped\n"
        "Bootstrap failed: 5: Input/output error\n"), 5)


def test_bootstrap_of_a_domain_alone(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    assert launchctl("bootstrap", "gui/501") == ("", "", 0)
    assert launchctl("bootstrap", "system") == (
        "", "Bootstrap failed: 5: Input/output error\n", 5)


def test_bootstrap_in_a_domain_that_is_not_there(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.errors = {"bootstrap": 112}
    assert launchctl("bootstrap", "gui/7", "/a.plist") == (
        "", "Could not find domain for user gui: 7\n", 112)


def test_bootstrap_needs_a_domain(launchctl: Launchctl) -> None:
    assert launchctl("bootstrap") == ("", USAGE_BOOTSTRAP, 64)
    out, err, status = launchctl("bootstrap", "system/com.x", "/a.plist")
    assert (out, status) == ("", 64)
    assert err.startswith("Unrecognized target specifier. ") and err.endswith(USAGE_BOOTSTRAP)


@pytest.mark.parametrize("words", [
    ("gui/501/com.x",), ("--wait", "gui/501/com.x"), ("gui/501/com.x", "--wait"),
])
def test_bootout_by_label(
    launchd: FakeLaunchd, launchctl: Launchctl, words: tuple[str, ...]
) -> None:
    launchd.services = [service("com.x", domain="gui/501")]
    assert launchctl("bootout", *words) == ("", "", 0)
    assert launchd.requests == [{"verb": "bootout", "domain": "gui/501", "label": "com.x"}]


@pytest.mark.parametrize(("error", "by_label", "by_path"), [
    (3, "3: No such process", "5: Input/output error"),
    (113, "3: No such process", "5: Input/output error"),
    (5, "5: Input/output error", "5: Input/output error"),
    (2, "2: No such file or directory", "5: Input/output error"),
    (36, "36: Operation now in progress", "36: Operation now in progress"),
    (1, "1: Operation not permitted", "1: Operation not permitted"),
    (125, "125: Domain does not support specified action",
     "125: Domain does not support specified action"),
])
def test_bootout_failures(
    launchd: FakeLaunchd, launchctl: Launchctl, error: int, by_label: str, by_path: str
) -> None:
    launchd.errors = {"bootout": error}
    for words, text in ((("gui/501/com.x",), by_label), (("gui/501", "/a.plist"), by_path)):
        status = int(text.partition(":")[0])
        assert launchctl("bootout", *words) == ("", f"Boot-out failed: {text}\n", status)


def test_bootout_of_several_paths(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.errors = {"bootout /a.plist": 3, "bootout /b.plist": 1}
    assert launchctl("bootout", "system", "/a.plist", "/b.plist", "/c.plist") == ("", (
        "/a.plist: service already booted out\n/b.plist: Operation not permitted\n"
        "Bootout failed: 133: Multiple errors were returned; see stderr\n"), 133)


def test_bootout_of_a_users_domain_removes_all_its_jobs(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.services = [service("a", domain="gui/501"), service("b", domain="gui/501"),
                        service("c", domain="system")]
    assert launchctl("bootout", "gui/501") == ("", "", 0)
    assert asked(launchd, "verb", "label") == [
        ("domain", None), ("bootout", "a"), ("bootout", "b")]


def test_the_systems_domain_is_not_torn_down(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    assert launchctl("bootout", "system") == ("", (
        "Boot-out failed: 150: Operation not permitted while System Integrity Protection is "
        "engaged\n"), 150)
    assert launchd.requests == []


@pytest.mark.parametrize(("euid", "domain"), [(0, "system"), (501, "gui/501")])
def test_load_and_unload_choose_the_callers_domain(
    launchd: FakeLaunchd, launchctl: Launchctl, euid: int, domain: str
) -> None:
    assert launchctl("load", "/a.plist", euid=euid) == ("", "", 0)
    assert launchctl("unload", "/a.plist", euid=euid) == ("", "", 0)
    assert asked(launchd, "verb", "domain", "path", "force") == [
        ("bootstrap", domain, "/a.plist", False), ("bootout", domain, "/a.plist", None)]


def test_load_within_asuser_means_that_users_domain(
    launchd: FakeLaunchd, launchctl: Launchctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAUNCHD_SHIM_ASUSER", "502")
    assert launchctl("load", "/a.plist") == ("", "", 0)
    assert asked(launchd, "domain") == [("gui/502",)]


def test_an_agent_for_the_background_is_loaded_there(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    assert launchctl("load", "-S", "Background", "/a.plist", euid=501) == ("", "", 0)
    assert launchctl("load", "-S", "Aqua", "/a.plist", euid=501) == ("", "", 0)
    launchd.errors = {"bootstrap": 134}
    assert launchctl("load", "/a.plist", euid=501) == (
        "", "Load failed: 134: Service cannot load in requested session\n", 0)
    assert asked(launchd, "domain") == [
        ("user/501",), ("gui/501",), ("gui/501",), ("user/501",)]


def test_unload_looks_in_all_of_the_callers_domains(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.errors = {"bootout": 3}
    assert launchctl("unload", "/a.plist", euid=501) == (
        "", "Unload failed: 5: Input/output error\n" + UNLOAD_HINT, 0)
    assert asked(launchd, "domain") == [("gui/501",), ("user/501",)]


@pytest.mark.parametrize("error", [1, 2, 3, 17, 37, 109, 110, 111, 112, 113, 119, 5])
def test_load_answers_0_and_says_5(
    launchd: FakeLaunchd, launchctl: Launchctl, error: int
) -> None:
    launchd.errors = {"bootstrap": error}
    assert launchctl("load", "/a.plist") == (
        "", "Load failed: 5: Input/output error\n" + LOAD_HINT, 0)


@pytest.mark.parametrize(("error", "text"), [
    (122, "122: Path had bad ownership/permissions"), (150, "150: Operation not permitted while "
     "System Integrity Protection is engaged"), (36, "36: Operation now in progress")])
def test_other_errors_keep_their_number(
    launchd: FakeLaunchd, launchctl: Launchctl, error: int, text: str
) -> None:
    launchd.errors = {"bootstrap": error}
    assert launchctl("load", "/a.plist") == ("", f"Load failed: {text}\n", 0)


def test_load_of_several_paths(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.errors = {"bootstrap /a.plist": 37}
    assert launchctl("load", "/a.plist", "/b.plist") == ("", (
        "/a.plist: service already loaded\nLoad failed: 5: Input/output error\n" + LOAD_HINT), 0)


def test_w_records_before_it_loads(
    launchd: FakeLaunchd, launchctl: Launchctl, tmp_path: Path
) -> None:
    path = plist(tmp_path, "/Library/LaunchDaemons/x.plist", label="com.x", Program="/bin/true")
    assert launchctl("load", "-w", path) == ("", "", 0)
    assert launchctl("unload", "-wF", "--", path) == ("", "", 0)
    assert asked(launchd, "verb", "label", "path") == [
        ("enable", "com.x", None), ("bootstrap", None, path),
        ("disable", "com.x", None), ("bootout", None, path)]


@pytest.mark.parametrize("content", [None, b"", b"<plist>", b"[]", plistlib.dumps([]),
                                     plistlib.dumps({}), plistlib.dumps({"Label": 3})])
def test_w_leaves_bad_property_lists_to_launchd(
    launchd: FakeLaunchd, launchctl: Launchctl, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "x.plist").write_bytes(content)
    assert launchctl("load", "-w", "/x.plist") == ("", "", 0)
    assert asked(launchd, "verb") == [("bootstrap",)]


def test_f_is_passed_on(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    assert launchctl("load", "-F", "/a.plist") == ("", "", 0)
    assert asked(launchd, "force") == [(True,)]


@pytest.mark.parametrize(("where", "euid", "paths"), [
    ("system", 0, ["/System/Library/LaunchDaemons/s.plist"]),
    ("local", 0, ["/Library/LaunchDaemons/l.plist"]),
    ("local", 501, ["/Library/LaunchAgents/l.plist"]),
    ("USER", 501, ["/Users/ada/Library/LaunchAgents/u.plist"]),
    ("all", 0, ["/System/Library/LaunchDaemons/s.plist", "/Library/LaunchDaemons/l.plist"]),
    ("network", 0, []),
])
def test_d_searches_the_libraries(
    launchd: FakeLaunchd, launchctl: Launchctl, tmp_path: Path, where: str, euid: int,
    paths: list[str],
) -> None:
    for path in ("/System/Library/LaunchDaemons/s.plist", "/Library/LaunchDaemons/l.plist",
                 "/Library/LaunchAgents/l.plist", "/Users/ada/Library/LaunchAgents/u.plist"):
        plist(tmp_path, path, Label="x")
    assert launchctl("load", "-D", where, euid=euid) == ("", "", 0)
    assert [path for (path,) in asked(launchd, "path")] == paths


def test_a_tilde_is_home(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    assert launchctl("load", "~/Library/x.plist") == ("", "", 0)
    assert asked(launchd, "path") == [("/Users/ada/Library/x.plist",)]


@pytest.mark.parametrize("words", [(), ("-w",), ("-D",), ("-D", "moon"), ("-D", "moon", "/a")])
def test_load_usage(launchctl: Launchctl, words: tuple[str, ...]) -> None:
    out, err, status = launchctl("load", *words)
    assert (out, status) == ("", 64)
    assert err.endswith(USAGE_LOAD)


def test_an_unknown_option_is_named(launchctl: Launchctl) -> None:
    assert launchctl("load", "-x", "/a.plist") == (
        "", "launchctl: illegal option -- x\n" + USAGE_LOAD, 64)


def test_without_a_supervisor_load_does_not_claim_success(launchctl: Launchctl,
                                                          tmp_path: Path) -> None:
    assert launchctl("load", "/a.plist", euid=501) == ("", (
        f"launchctl: launchd is not running, and only the owner of {tmp_path} starts it\n"), 5)
