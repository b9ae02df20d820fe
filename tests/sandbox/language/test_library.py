"""Rules as they come out of the sandbox part of the language (spec/sandbox.md 3.2 to 3.7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox_stub.compiler import NAMED_PROFILES, compile_profile, profile_for_name
from sandbox_stub.errors import ProfileError
from sandbox_stub.filters import Target
from sandbox_stub.profile import IMPLICIT
from tests.sandbox.language.support import answer, compiled, fault, tcp


def rules(text: str, **parameters: str) -> list[str]:
    parameters.setdefault("NO_IMPLICIT_RULES", "1")
    return [rule.text for rule in compiled(f"(version 1){text}", **parameters).rules]


RULES = [
    ("(allow default)", "(allow default)"),
    ('(allow file-read* (literal "/a" "/b"))', '(allow file-read* (literal "/a" "/b"))'),
    ('(allow (path "/a") file-read*)', '(allow file-read* (literal "/a"))'),
    ('(deny file-unlink process-exec file-unlink (path-prefix "/a"))',
     '(deny file-write-unlink process-exec* (prefix "/a"))'),
    ('(allow file* (subpath "/a") (regex #"\\.x$"))',
     '(allow file* (subpath "/a") (regex "\\\\.x$"))'),
    ('(allow file* (require-all (vnode-type REGULAR-FILE) (require-not (literal "/a"))))',
     '(allow file* (require-all (vnode-type REGULAR-FILE) (require-not (literal "/a"))))'),
    ("(allow file-read* (file-mode #o0004))", "(allow file-read* (file-mode 4))"),
    ("(deny file-read* (tty))", "(deny file-read* (vnode-type TTY))"),
    ("(allow network* (local ip) (remote tcp))",
     '(allow network* (local ip "*:*") (remote tcp "*:*"))'),
    ('(allow network* (to udp4 "*:53" "localhost:54"))',
     '(allow network* (remote udp4 "*:53") (remote udp4 "localhost:54"))'),
    ("(allow network* (from unix))", "(allow network* (local unix-socket))"),
    ('(allow network* (remote unix-socket (path-literal "/s")))',
     '(allow network* (remote unix-socket (literal "/s")))'),
    ('(allow mach-lookup (global-name "a") (global-name-regex #"^b"))',
     '(allow mach-lookup (global-name "a") (global-name-regex "^b"))'),
    ("(allow signal (target self children))", "(allow signal (target self children))"),
    ('(allow file-read* (path-ancestors "/a/b/c"))',
     '(allow file-read* (literal "/a/b" "/a" "/"))'),
    ('(deny default (with no-report))', "(deny default (with no-log))"),
    ('(deny default (with message "m") (with send-signal SIGKILL))',
     "(deny default (with message m) (with send-signal SIGKILL))"),
    ("(deny default (with termination))", "(deny default (with send-signal SIGKILL))"),
    ("(allow process-exec (with no-profile) (literal \"/bin/ps\"))",
     '(allow process-exec* (literal "/bin/ps") (with no-sandbox))'),
    ('(with-filter (require-entitlement "e") (allow file-read* (literal "/a") (literal "/b")))',
     '(allow file-read* (require-all (require-entitlement "e") '
     '(require-any (literal "/a") (literal "/b"))))'),
    ('(with-filter (literal "/a") (allow file-read*))', '(allow file-read* (literal "/a"))'),
    ("(with-modifier (no-log) (deny file*))", "(deny file* (with no-log))"),
    ("(with-modifier no-log (deny file*))", "(deny file* (with no-log))"),
    ('(with-operations (file-read* file-ioctl) (allow (literal "/a")))',
     '(allow file-read* file-ioctl (literal "/a"))'),
    ("(allow syscall-unix (syscall-number SYS_read 3))",
     '(allow syscall-unix (syscall-number "SYS_read" "3"))'),
    ("(allow system-socket (require-all (socket-domain AF_SYSTEM) (socket-protocol 2)))",
     '(allow system-socket (require-all (socket-domain "AF_SYSTEM") (socket-protocol "2")))'),
    ('(define (home p) (string-append (param "HOME") p))(allow file* (subpath (home "/x")))',
     '(allow file* (subpath "/Users/u/x"))'),
    ('(for-each (lambda (p) (allow file* (literal p))) \'("/a"))', '(allow file* (literal "/a"))'),
    ("(apply allow (list file-read* (literal \"/a\")))", '(allow file-read* (literal "/a"))'),
    ('(if (param "UNSET") (begin (allow default)))(allow signal)', "(allow signal)"),
    ('(allow file-read* (extension "com.apple.app-sandbox.read"))',
     '(allow file-read* (extension "com.apple.app-sandbox.read"))'),
]


@pytest.mark.parametrize(("text", "printed"), RULES, ids=lambda text: text[:70])
def test_rule(text: str, printed: str) -> None:
    assert rules(text, HOME="/Users/u") == [printed]


def test_what_follows_a_scope_is_outside_of_it() -> None:
    assert rules('(with-filter (literal "/a") (allow file*))(deny file*)') == [
        '(allow file* (literal "/a"))', "(deny file*)"]


def test_the_implicit_rule_comes_last_and_has_no_place() -> None:
    rule = compiled("(version 1)(allow default)").rules[-1]
    assert (rule.text, rule.position) == ("(allow signal (target self))", IMPLICIT)


def test_rules_know_their_place_also_in_procedures() -> None:
    profile = compiled("(version 1)\n(define (f)\n  (allow file*))\n(f)\n(deny signal)")
    assert [rule.position[1:] for rule in profile.rules[:2]] == [(3, 4), (5, 2)]


def test_a_rule_that_a_macro_made_has_the_place_of_the_macros_use() -> None:
    profile = compiled("(version 1)\n(macro (m form) (list 'deny 'signal))\n(m)")
    assert (profile.rules[0].text, profile.rules[0].position[1:]) == ("(deny signal)", (3, 2))


def test_a_long_rule_is_printed_short() -> None:
    paths = "".join(f'(literal "/{number}")' for number in range(1000))
    text = compiled(f"(version 1)(allow file* {paths})").rules[0].text
    assert (len(text), text[:30], text[-1]) == (160, '(allow file* (literal "/0") (l', "…")


def test_profile_keeps_filtered_rules_and_fallbacks_apart() -> None:
    profile = compiled("""(version 1)(allow file* (literal "/a"))(deny file*)
        (deny file* (literal "/b"))(allow file*)""")
    assert [str(rule.filter) for rule in profile.filtered("file*")] == [
        '(literal "/b")', '(literal "/a")']
    assert str(profile.fallback("file*")) == "(allow file*)"
    assert profile.fallback("file-read*") is None
    assert profile.filtered("file-read*") == []


def test_import_searches_the_given_directories_and_then_ours(tmp_path: Path) -> None:
    (tmp_path / "own.sb").write_text("(version 1)(allow file-chroot)")
    profile = compile_profile('(version 1)(import "own.sb")(import "system.sb")',
                              profiles=[str(tmp_path)])
    assert profile.rules[0].text == "(allow file-chroot)"
    assert profile.rules[0].position[0] == str(tmp_path / "own.sb")
    assert answer(profile, "file-read-data", "/usr/lib/dyld") == "allow"


def test_import_dir_replaces_the_directories(tmp_path: Path) -> None:
    # Spec 3.3; Nix 2.0 to 2.12 give it with a slash at the end.
    (tmp_path / "sandbox-defaults.sb").write_text("(deny default)")
    text = '(version 1)(import "sandbox-defaults.sb")'
    assert compiled(text, IMPORT_DIR=f"{tmp_path}/").rules[0].text == "(deny default)"
    assert fault('(version 1)(import "system.sb")', IMPORT_DIR=f"{tmp_path}/") == (
        'unable to open "system.sb": not found')


def test_import_of_an_absolute_path_goes_through_the_reader() -> None:
    profile = compile_profile(
        '(version 1)(import "/Library/x.sb")',
        read={"/Library/x.sb": b"(allow default)"}.__getitem__)
    assert profile.rules[0].text == "(allow default)"


def test_imports_share_definitions_and_show_their_own_file(tmp_path: Path) -> None:
    (tmp_path / "a.sb").write_text("(define (mine) (allow file-chroot))")
    (tmp_path / "b.sb").write_text("(version 1)\n (oops)")
    profile = compile_profile('(version 1)(import "a.sb")(mine)', profiles=[str(tmp_path)])
    assert profile.rules[0].text == "(allow file-chroot)"
    with pytest.raises(ProfileError) as caught:
        compile_profile('(version 1)(import "b.sb")', profiles=[str(tmp_path)])
    assert str(caught.value).startswith(
        f"unbound variable: oops at {tmp_path}/b.sb, line 2, column 3\n")


def test_files_that_import_one_another_end_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.sb").write_text('(import "a.sb")')
    with pytest.raises(ProfileError, match="more than 20 files import one another"):
        compile_profile('(version 1)(import "a.sb")', profiles=[str(tmp_path)])


def test_a_version_in_an_import_is_not_the_profiles(tmp_path: Path) -> None:
    (tmp_path / "a.sb").write_text("(version 1)")
    with pytest.raises(ProfileError, match="no version specified"):
        compile_profile('(import "a.sb")', profiles=[str(tmp_path)])


NAMED = [
    ("no-internet", "network-outbound", tcp("example.org", 80), "deny"),
    ("no-internet", "network-bind", tcp("*", 80), "deny"),
    ("no-internet", "network-outbound", Target(socket_path="/s"), "allow"),
    ("no-internet", "file-write-data", Target("/a"), "allow"),
    ("no-network", "network-outbound", tcp("example.org", 80), "deny"),
    ("no-network", "network-outbound", Target(socket_path="/s"), "deny"),
    ("no-network", "file-write-data", Target("/a"), "allow"),
    ("no-write", "file-write-create", Target("/private/var/tmp/a"), "deny"),
    ("no-write", "file-read-data", Target("/a"), "allow"),
    ("no-write-except-temporary", "file-write-create", Target("/private/var/tmp/a"), "allow"),
    ("no-write-except-temporary", "file-write-create", Target("/a"), "deny"),
    ("no-write-except-temporary", "file-write-create", Target("/private/var/folders/a"), "deny"),
    ("pure-computation", "file-read-data", Target("/a"), "deny"),
    ("pure-computation", "process-fork", Target(), "deny"),
]


@pytest.mark.parametrize(("name", "operation", "target", "expected"), NAMED)
def test_named_profile_of_2_3(name: str, operation: str, target: Target, expected: str) -> None:
    assert answer(compile_profile(profile_for_name(name)), operation, target) == expected


def test_the_temporary_directory_is_a_parameter() -> None:
    text = profile_for_name("no-write-except-temporary")
    profile = compiled(text, DARWIN_USER_DIR="/private/var/folders/a/0")
    assert answer(profile, "file-write-create", "/private/var/folders/a/0/x") == "allow"
    assert answer(profile, "file-write-create", "/private/var/folders/a/1/x") == "deny"


def test_other_names_are_files_in_the_given_directories(tmp_path: Path) -> None:
    (tmp_path / "mine.sb").write_text("(version 1)")
    assert profile_for_name("mine", [str(tmp_path / "none"), str(tmp_path)]) == "(version 1)"
    for name in ("other", "../language/mine", "/etc/passwd", "system"):
        with pytest.raises(ProfileError, match=f"^{name}: profile not found$"):
            profile_for_name(name, [str(tmp_path)])
    assert len(NAMED_PROFILES) == 5


def test_our_system_and_bsd_profiles() -> None:
    profile = compiled('(version 1)(deny default)(import "bsd.sb")')
    allowed = [("file-read-data", "/usr/lib/x"), ("file-write-data", "/dev/null"),
               ("file-read-data", "/bin/sh"), ("file-read-metadata", "/anything"),
               ("file-read-data", "/dev/ttys001"), ("file-read-data", "/")]
    denied = [("file-read-data", "/root/x"), ("file-write-data", "/usr/lib/x"),
              ("process-exec", "/bin/sh"), ("file-read-data", "/Users"),
              ("network-outbound", None)]
    assert [answer(profile, *one) for one in allowed] == ["allow"] * len(allowed)
    assert [answer(profile, *one) for one in denied] == ["deny"] * len(denied)


@pytest.mark.parametrize(("call", "operation", "target"), [
    ("(system-network)", "network-outbound", Target(socket_path="/private/var/run/mDNSResponder")),
    ("(system-network)", "system-socket", Target()),
    ("(system-graphics)", "mach-lookup", Target(name="com.apple.windowserver.active")),
])
def test_what_system_sb_defines(call: str, operation: str, target: Target) -> None:
    for text, expected in (("", "deny"), (call, "allow")):
        profile = compiled(f'(version 1)(deny default)(import "system.sb"){text}')
        assert answer(profile, operation, target) == expected
