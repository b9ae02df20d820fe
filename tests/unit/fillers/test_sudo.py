"""sudo: what reaches Darling's own sudo, and what the command then sees.

The stand-in for Darling's sudo prints its arguments, then runs the command as that one would.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.unit.fillers.support import Result, script

FAKE = r"""#!/bin/sh
for word; do printf '<%s>' "$word"; done
echo
while :; do
    case $1 in -u | -g) shift 2 ;; -l) exit 0 ;; *) break ;; esac
done
exec "$@"
"""

SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]

USAGE = """\
usage: sudo -h | -K | -k | -V
usage: sudo -v [-AknS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-AknS] [-g group] [-h host] [-p prompt] [-U user] [-u user]
            [command]
usage: sudo [-AbEHknPS] [-C num] [-D directory] [-g group] [-h host] [-p
            prompt] [-R directory] [-T timeout] [-u user] [VAR=value] [-i|-s]
            [<command>]
usage: sudo -e [-AknS] [-C num] [-D directory] [-g group] [-h host] [-p prompt]
            [-R directory] [-T timeout] [-u user] file ...
"""


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell that the file has to work in; bash is told to be sh."""
    return str(request.param)


def sudo(tree: Path, shell: str, *words: str, **env: str) -> Result:
    original = tree / "sudo-of-darling"
    original.write_text(FAKE)
    original.chmod(0o755)
    out, err, status = script(tree, "sudo.sh", shell, *words, original=str(original), env=env)
    return out.replace(str(tree), "TREE"), err, status


def asked(out: str) -> str:
    """The first line: what the stand-in was asked."""
    return out.partition("\n")[0]


@pytest.mark.parametrize(("words", "reached"), [
    (["true"], "<-u><0><-g><0><true>"),
    (["-u", "root", "true"], "<-u><0><-g><0><true>"),
    (["-u", "me", "true"], "<-u><501><-g><20><true>"),
    (["-ume", "true"], "<-u><501><-g><20><true>"),
    (["--user=me", "true"], "<-u><501><-g><20><true>"),
    (["--user", "me", "true"], "<-u><501><-g><20><true>"),
    (["-u", "#501", "true"], "<-u><501><-g><20><true>"),
    (["-u", "501", "true"], "<-u><501><-g><20><true>"),
    (["-u", "me", "-g", "wheel", "true"], "<-u><501><-g><0><true>"),
    (["-nHEu", "me", "true"], "<-u><501><-g><20><true>"),
    (["-n", "-S", "-A", "-P", "-B", "-k", "true"], "<-u><0><-g><0><true>"),
    (["-p", "password: ", "true"], "<-u><0><-g><0><true>"),
    (["--prompt=Password for %u", "true"], "<-u><0><-g><0><true>"),
    (["--preserve-env", "--preserve-env=A,B", "--non-interactive", "true"],
     "<-u><0><-g><0><true>"),
    (["--set-home", "--", "true", "-u", "x"], "<-u><0><-g><0><true><-u><x>"),
    (["--user=me", "--", "true"], "<-u><501><-g><20><true>"),
    (["A=1", "-u", "me", "B=2", "true"], "<-u><501><-g><20><true>"),
    (["--", "A=1"], None),
    (["env", "A=1", "true"], "<-u><0><-g><0><env><A=1><true>"),
    (["-l"], "<-l>"),
    (["-l", "ls", "-x"], "<-l><ls><-x>"),
])
def test_what_darlings_sudo_is_asked(
    tree: Path, shell: str, words: list[str], reached: str | None
) -> None:
    out, err, status = sudo(tree, shell, *words)
    if reached is None:
        assert (out, err, status) == ("", f"sudo: {words[-1]}: command not found\n", 1)
    else:
        assert (asked(out), err, status) == (reached, "", 0)


#: The options with which the clients of spec/installers.md 1.3, 3 and 4 call sudo.
@pytest.mark.parametrize("words", [
    ["--set-home", "env", "NIX=1", "sh", "-c", 'echo "$HOME $NIX"'],
    ["-H", "NIX=1", "sh", "-c", 'echo "$HOME $NIX"'],
    ["-H", "-n", "env", "NIX=1", "sh", "-c", 'echo "$HOME $NIX"'],
])
def test_the_home_of_root_and_a_variable_reach_the_command(
    tree: Path, shell: str, words: list[str]
) -> None:
    out, err, status = sudo(tree, shell, *words, HOME="/Users/me")
    assert (out.splitlines()[1:], err, status) == (["/var/root 1"], "", 0)


@pytest.mark.parametrize("words", [["-kv", "--prompt=why"], ["-v"], ["-k"], ["-K"], ["-n", "-v"],
                                   ["--validate"], ["--reset-timestamp"]])
def test_nothing_is_asked_for_and_nothing_forgotten(
    tree: Path, shell: str, words: list[str]
) -> None:
    assert sudo(tree, shell, *words) == ("", "", 0)


def test_the_environment_stays_and_tells_who_called(tree: Path, shell: str) -> None:
    show = 'echo "$HOME|$USER|$LOGNAME|$KEPT|$SUDO_USER|$SUDO_COMMAND"'
    out, err, status = sudo(tree, shell, "-u", "me", "sh", "-c", show,
                            HOME="/Users/x", KEPT="yes", USER="x")
    words = f"sh -c {show}"
    caller = "root" if _is_root() else "x"
    assert out.splitlines()[1:] == [f"/Users/x|me|me|yes|{caller}|{words}"]
    assert (err, status) == ("", 0)


def test_no_name_of_the_script_reaches_the_command(tree: Path, shell: str) -> None:
    out, _, _ = sudo(tree, shell, "-u", "me", "env", sd_uid="7", word="kept")
    names = {line.partition("=")[0] for line in out.splitlines()[1:]}
    assert "word" in names
    assert {name for name in names if name.startswith("sd_")} <= {"sd_uid"}


@pytest.mark.parametrize(("command", "status"), [
    ("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("exit 255", 255)])
def test_the_status_is_the_commands(tree: Path, shell: str, command: str, status: int) -> None:
    assert sudo(tree, shell, "sh", "-c", command)[2] == status


@pytest.mark.parametrize(("words", "said"), [
    (["-s", "echo", "a  b;c", "$HOME"], "a  b;c /Users/x"),
    (["-s", "printf", "%s-%s", "'q'", '"'], "'q'-\""),
    (["-s", "echo", "é\\"], "é\\"),
])
def test_a_shells_words_stay_words(tree: Path, shell: str, words: list[str], said: str) -> None:
    out, err, status = sudo(tree, shell, *words, HOME="/Users/x", SHELL="/bin/sh")
    assert (out.splitlines()[1:], err, status) == ([said], "", 0)


def test_a_login_has_the_targets_home_and_shell(tree: Path, shell: str) -> None:
    home = tree / "home"
    home.mkdir()
    passwd = tree / "etc/passwd"
    passwd.write_text(passwd.read_text().replace("/Users/me:/bin/bash", f"{home}:/bin/sh"))
    out, err, status = sudo(tree, shell, "-i", "-u", "me", "pwd")
    assert (out, err, status) == ("<-u><501><-g><20></bin/sh><-l><-c><pwd>\nTREE/home\n", "", 0)


def test_a_login_without_its_home_goes_on(tree: Path, shell: str) -> None:
    out, err, status = sudo(tree, shell, "-iu", "nologin", "true")
    assert asked(out) == "<-u><350><-g><350></bin/sh><-l><-c><true>"
    assert (err, status) == ("sudo: unable to change directory to /var/empty\n", 0)


@pytest.mark.parametrize(("words", "message"), [
    ([], ""),
    (["-u", "me"], ""),
    (["-v", "true"], ""),
    (["-is"], "sudo: you may not specify both the -i and -s options\n"),
    (["-x", "true"], "sudo: invalid option -- x\n"),
    (["-nx"], "sudo: invalid option -- x\n"),
    (["-u"], "sudo: option requires an argument -- u\n"),
    (["--frob"], "sudo: unrecognized option `--frob'\n"),
    (["--frob=1"], "sudo: unrecognized option `--frob'\n"),
    (["--user"], "sudo: option `--user' requires an argument\n"),
    (["--login=x", "true"], "sudo: option `--login' doesn't allow an argument\n"),
])
def test_misuse_shows_the_usage(
    tree: Path, shell: str, words: list[str], message: str
) -> None:
    assert sudo(tree, shell, *words) == ("", message + USAGE, 1)


@pytest.mark.parametrize(("words", "message"), [
    (["-u", "nobody", "true"], "unknown user: nobody"),
    (["-u", "#77", "true"], "unknown user: #77"),
    (["-g", "nogroup", "true"], "unknown group: nogroup"),
    (["no-such-command"], "no-such-command: command not found"),
    (["./no-such-file", "x"], "./no-such-file: command not found"),
    (["--", "-l"], "-l: command not found"),
    (["-D", "/", "true"], "the option -D cannot be honoured here: leave it out"),
    (["-e", "file"], "the option -e cannot be honoured here: leave it out"),
    (["a-b=1", "true"], "a-b cannot be set from here: use env(1)"),
])
def test_one_sentence_for_what_cannot_be(
    tree: Path, shell: str, words: list[str], message: str
) -> None:
    assert sudo(tree, shell, *words) == ("", f"sudo: {message}\n", 1)


def test_help_and_version(tree: Path, shell: str) -> None:
    assert sudo(tree, shell, "-h") == (
        "sudo - execute a command as another user\n\n" + USAGE, "", 0)
    out = sudo(tree, shell, "--version")
    assert out == ("sudo of darling-dirserv, over TREE/sudo-of-darling\n", "", 0)


def test_without_accounts_there_is_still_root(tree: Path, shell: str) -> None:
    (tree / "etc/passwd").unlink()
    assert sudo(tree, shell, "true") == ("<-u><0><-g><0><true>\n", "", 0)


def test_without_darlings_sudo_only_the_caller_can_be_become(tree: Path, shell: str) -> None:
    with (tree / "etc/passwd").open("a") as passwd:
        passwd.write(f"caller:*:{_uid()}:0::/:/bin/sh\n" if _uid() else "")
    caller = "caller" if _uid() else "root"
    assert script(tree, "sudo.sh", shell, "-u", caller, "echo", "x") == ("x\n", "", 0)
    assert script(tree, "sudo.sh", shell, "-u", "me", "echo", "x") == (
        "", "sudo: cannot become me: this system has no sudo of its own to ask\n", 1)


def test_in_a_chroot_the_root_is_the_root(tree: Path, shell: str) -> None:
    # The tree's path means nothing there: the accounts are those of /, where "me" is not root.
    out, err, status = script(tree, "sudo.sh", shell, "-u", "root", "echo", "$0",
                              root=tree / "gone", original="/bin/echo")
    assert (out, err, status) == ("-u 0 -g 0 echo $0\n", "", 0)


def _uid() -> int:
    return os.geteuid()


def _is_root() -> bool:
    return _uid() == 0
