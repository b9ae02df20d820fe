"""Which rule decides: every measurement and every golden decision of spec/sandbox.md.

The profiles are our own; they use the constructs of those that were measured.
"""

from __future__ import annotations

import pytest

from sandbox_stub.decision import decide
from sandbox_stub.filters import Target
from tests.sandbox.language.support import answer, compiled, tcp

MINIMAL = """
(version 1)
(allow default)
(deny file-write-setugid)
"""

# The shape of Nix's defaults: 1.2 and 1.3 list the constructs.
DEFAULTS = """
(version 1)
(deny default (with no-log))
(define TMPDIR (param "_GLOBAL_TMP_DIR"))
(deny default)
; No build may make a file that runs as its owner.
(deny file-write-setugid)
(allow file-read-metadata process-fork)
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow ipc-posix* ipc-sysv*)
(allow mach-lookup (global-name "com.apple.system.logger"))
(allow file-read* file-write-data (literal "/dev/null"))
(allow file-read* file-write-data file-ioctl (regex #"^/dev/tty[a-z0-9]*$"))
(allow file* process-exec network-outbound network-inbound
       (literal "/tmp") (subpath TMPDIR))
(if (param "_ALLOW_LOCAL_NETWORKING")
    (begin
      (allow network* (remote ip "localhost:*"))
      (allow network-inbound (local ip "*:*"))))
(allow file-read* process-exec (subpath "/nix/store/aaa-input"))
(allow file-read* file-write* process-exec (subpath "/nix/store/bbb-output"))
(allow file-read* (literal "/") (literal "/nix") (literal "/nix/store"))
"""
NETWORK = """
(allow network* (local ip) (remote ip))
(allow network-outbound (remote unix-socket (path-literal "/private/var/run/mDNSResponder")))
(allow system-socket)
"""
TMP = {"_GLOBAL_TMP_DIR": "/private/tmp/nix-build"}
LOCAL = {**TMP, "_ALLOW_LOCAL_NETWORKING": "1"}
IN_TMP = "/private/tmp/nix-build/a"

HOMEBREW = """
(version 1)
(debug deny)
(allow file-write* (subpath "/opt/brew/Cellar") (literal "/dev/null"))
(deny file-write*)
(deny file-write-setugid)
(allow process-exec (literal "/bin/ps") (with no-sandbox))
(allow default)
"""

GOLDEN = [
    (MINIMAL, {}, "file-write-setugid", "/anywhere", "deny"),
    (MINIMAL, {}, "file-write-data", "/anywhere", "allow"),
    (DEFAULTS, TMP, "file-write-create", IN_TMP, "allow"),
    # (allow file* (subpath TMPDIR)) comes later, and yet:
    (DEFAULTS, TMP, "file-write-setugid", IN_TMP, "deny"),
    (DEFAULTS, TMP, "network-outbound", tcp("example.org", 443), "deny"),
    (DEFAULTS, TMP, "network-outbound", Target(socket_path=IN_TMP), "allow"),
    (DEFAULTS, TMP, "network-bind", Target(socket_path=IN_TMP), "allow"),
    (DEFAULTS, TMP, "network-outbound", Target(socket_path="/private/var/run/x"), "deny"),
    (DEFAULTS, LOCAL, "network-outbound", tcp("127.0.0.1", 8080), "allow"),
    (DEFAULTS, LOCAL, "network-outbound", tcp("::1", 8080), "allow"),
    (DEFAULTS, LOCAL, "network-outbound", tcp("example.org", 443), "deny"),
    (DEFAULTS, LOCAL, "network-bind", tcp("*", 8080), "allow"),
    (DEFAULTS + NETWORK, TMP, "network-outbound", tcp("example.org", 443), "allow"),
    (DEFAULTS + NETWORK, TMP, "network-outbound",
     Target(socket_path="/private/var/run/mDNSResponder"), "allow"),
    (HOMEBREW, {}, "file-write-data", "/opt/brew/Cellar/x", "allow"),
    (HOMEBREW, {}, "file-write-data", "/private/etc/x", "deny"),
    (HOMEBREW, {}, "file-read-data", "/private/etc/x", "allow"),
    # 1.2: the other parts of what Nix writes.
    (DEFAULTS, TMP, "file-read-data", "/nix/store/aaa-input/bin/sh", "allow"),
    (DEFAULTS, TMP, "file-write-data", "/nix/store/aaa-input/bin/sh", "deny"),
    (DEFAULTS, TMP, "process-exec", "/nix/store/aaa-input/bin/sh", "allow"),
    (DEFAULTS, TMP, "process-exec-interpreter", "/nix/store/aaa-input/bin/sh", "allow"),
    (DEFAULTS, TMP, "file-write-create", "/nix/store/bbb-output", "allow"),
    (DEFAULTS, TMP, "file-write-create", "/nix/store/bbb-output-doc", "deny"),
    (DEFAULTS, TMP, "file-read-data", "/nix/store", "allow"),
    (DEFAULTS, TMP, "file-read-data", "/nix/store/ccc-other", "deny"),
    (DEFAULTS, TMP, "file-read-data", "/root", "deny"),
    (DEFAULTS, TMP, "file-ioctl", "/dev/ttys001", "allow"),
    (DEFAULTS, TMP, "file-ioctl", "/dev/tty.usb", "deny"),
    (DEFAULTS, TMP, "file-read-metadata", "/root", "allow"),
    (DEFAULTS, TMP, "signal", Target(signal_target="children"), "allow"),
    (DEFAULTS, TMP, "signal", Target(signal_target="others"), "deny"),
    (DEFAULTS, TMP, "mach-lookup", Target(name="com.apple.system.logger"), "allow"),
    (DEFAULTS, TMP, "mach-lookup", Target(name="com.apple.pasteboard.1"), "deny"),
]


@pytest.mark.parametrize(("profile", "parameters", "operation", "target", "expected"), GOLDEN)
def test_golden_decisions_of_1_4(
    profile: str, parameters: dict[str, str], operation: str, target: Target | str, expected: str
) -> None:
    assert answer(compiled(profile, **parameters), operation, target) == expected


def test_1_4_greywall_20_and_entry_42_wildcard_deny_does_not_beat_specific_allow() -> None:
    profile = compiled("""(version 1)(deny default)
        (allow file-read-data (subpath "/"))
        (deny file-read* (literal "/path/.env"))""")
    assert answer(profile, "file-read-data", "/path/.env") == "allow"
    assert answer(profile, "file-read-xattr", "/path/.env") == "deny"


def test_entry_43_within_one_operation_the_later_deny_wins() -> None:
    profile = compiled("""(version 1)(deny default)
        (allow file-read-data (subpath "/"))
        (deny file-read-data (literal "/path/.env"))""")
    assert answer(profile, "file-read-data", "/path/.env") == "deny"
    assert answer(profile, "file-read-data", "/path/other") == "allow"


def test_entry_23_deny_default_denies_the_exec_itself() -> None:
    assert answer(compiled("(version 1)(deny default)"), "process-exec", "/bin/echo") == "deny"


def test_entry_37_and_46_with_our_bsd_sb() -> None:
    profile = compiled("""(version 1)(import "bsd.sb")(allow process-exec*)
        (deny file-write*) (deny network*)
        (allow file-read* file-write* (subpath (param "WORKSPACE")))""", WORKSPACE="/work/space")
    assert answer(profile, "file-write-create", "/work/space/in.txt") == "allow"
    assert answer(profile, "file-write-create", "/work/outside.txt") == "deny"
    assert answer(profile, "process-exec", "/bin/sh") == "allow"
    assert answer(profile, "file-read-data", "/usr/lib/libSystem.B.dylib") == "allow"
    # A rule about files says nothing about connecting to a socket.
    assert answer(profile, "network-outbound", Target(socket_path="/work/space/s")) == "deny"


def test_entry_38_and_39_what_is_not_named_is_denied() -> None:
    profile = compiled("""(version 1)(deny default)
        (allow process-exec (subpath "/bin"))(allow file-read-data (literal "/"))""")
    assert answer(profile, "file-read-data", "/private/etc/hosts") == "deny"
    assert answer(profile, "file-read-data", "/") == "allow"
    assert answer(profile, "process-fork") == "deny"


def test_entry_44_rules_and_objects_are_compared_by_canonical_path() -> None:
    profile = compiled('(version 1)(deny default)(allow file-write* (subpath "/var/folders/x"))')
    assert answer(profile, "file-write-create", "/private/var/folders/x/in-root") == "deny"


def test_3_4_mozilla_what_deny_default_does_not_cover() -> None:
    profile = compiled("(version 1)(deny default)")
    for operation in ("process-info*", "process-info-pidinfo", "nvram-get",
                      "iokit-get-properties", "file-map-executable", "system-privilege"):
        assert answer(profile, operation) == "allow", operation
    for operation in ("process-fork", "job-creation", "iokit-open", "file-read-data"):
        assert answer(profile, operation) == "deny", operation


def test_3_4_initial_deny_is_not_covered_by_allow_default() -> None:
    assert answer(compiled("(version 1)(allow default)"), "job-creation") == "deny"


def test_3_5_an_unfiltered_rule_is_the_fallback_wherever_it_stands() -> None:
    for text in ('(deny file-write*)(allow file-write* (subpath "/w"))',
                 '(allow file-write* (subpath "/w"))(deny file-write*)'):
        profile = compiled(f"(version 1)(allow default){text}")
        assert answer(profile, "file-write-data", "/w/x") == "allow"
        assert answer(profile, "file-write-data", "/x") == "deny"


def test_3_5_the_last_unfiltered_rule_wins_among_those() -> None:
    assert answer(compiled("(version 1)(deny default)(allow default)"), "signal") == "allow"
    assert answer(compiled("(version 1)(allow default)(deny default)"), "signal") == "deny"


def test_3_5_filters_of_one_form_are_alternatives() -> None:
    profile = compiled('(version 1)(deny default)(allow file-read* (literal "/a") (subpath "/b"))')
    assert [answer(profile, "file-read-data", path) for path in ("/a", "/b/c", "/c")] == [
        "allow", "allow", "deny"]


def test_3_5_a_signal_to_oneself_is_always_allowed() -> None:
    profile = compiled("(version 1)(deny default)(deny signal)")
    assert answer(profile, "signal", Target(signal_target="self")) == "allow"
    assert answer(profile, "signal", Target(signal_target="others")) == "deny"
    without = compiled("(version 1)(deny default)", NO_IMPLICIT_RULES="1")
    assert answer(without, "signal", Target(signal_target="self")) == "deny"


def test_1_3_nixpkgs_unfiltered_allow_and_filtered_deny() -> None:
    profile = compiled("""(version 1)(deny default)
        (allow file-read* file-write* process-exec mach-lookup)
        (deny file-read* file-write* process-exec mach-lookup
              (subpath "/usr/local") (with no-log))""", strict=False)
    assert answer(profile, "file-read-data", "/usr/local/bin/x") == "deny"
    assert answer(profile, "file-read-data", "/usr/bin/x") == "allow"
    assert answer(profile, "mach-lookup", Target(name="any")) == "allow"


def test_a_decision_says_which_rule_and_where() -> None:
    profile = compiled("""(version 1)
(allow default)
  (deny file-write*
        (subpath "/a"))
""")
    found = decide(profile, "file-write-unlink", Target("/a/b"))
    assert (found.action, found.allowed, found.via) == ("deny", False, "file-write*")
    assert found.position == ("<input string>", 3, 4)
    assert repr(found) == 'deny by (deny file-write* (subpath "/a")) at file-write*'
    fallback = decide(profile, "file-unlink", Target("/b"))
    assert (fallback.via, fallback.position) == ("default", ("<input string>", 2, 2))


def test_a_decision_without_a_rule() -> None:
    found = decide(compiled("(version 1)"), "file-read-data", Target("/a"))
    assert (found.action, found.rule, found.position, found.via) == ("deny", None, None, "default")
    assert repr(found) == "deny by default at default"


def test_an_unknown_operation_is_the_callers_mistake() -> None:
    with pytest.raises(KeyError, match="bogus"):
        decide(compiled("(version 1)"), "bogus")


def test_which_end_an_operation_is_about() -> None:
    profile = compiled("""(version 1)(deny default)
        (allow network* (local ip "localhost:80"))
        (allow network* (remote ip "localhost:90"))""")
    assert answer(profile, "network-bind", tcp("127.0.0.1", 80)) == "allow"
    assert answer(profile, "network-bind", tcp("127.0.0.1", 90)) == "deny"
    assert answer(profile, "network-outbound", tcp("localhost", 90)) == "allow"
    assert answer(profile, "network-outbound", tcp("localhost", 80)) == "deny"
    assert answer(profile, "network-outbound", tcp("localhost", 80, side="local")) == "allow"
