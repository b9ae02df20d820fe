"""The parts on their own: profiles, payloads, quoting, probe, watching; and a Darling of sh."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from dirserv.admin.errors import AdminError
from dirserv.nix import checks, inside, install, looks, payload, probe, profiles
from dirserv.nix.facts import Answer, ask
from dirserv.nix.watch import Watch

FILE = "/nix/var/nix/profiles/default/etc/profile.d/nix-daemon.sh"
BLOCK = f"\n# Nix\nif [ -e '{FILE}' ]; then\n  . '{FILE}'\nfi\n# End Nix\n\n"

#: What `darling shell` does with its words (darling.c): each between apostrophes as it is, to a
#: login shell. The first call leaves something behind that keeps its output.
DARLING = """#!/bin/sh
[ "$1" = shell ] && [ -n "$DPREFIX" ] || exit 9
shift
[ -e "$DPREFIX/booted" ] || {{ sleep 4 & touch "$DPREFIX/booted"; }}
line=
for word; do line="$line '$word'"; done
PATH={tools}:/usr/bin:/bin exec /bin/sh -c "$line"
"""
#: sudo -u '#UID' as each kind of Darling has it; /usr/bin/sudo is what `darling shell` is told.
SUDO = {
    "one": "#!/bin/sh\nexport FAKE_UID=${2#?}\nshift 2\nexec \"$@\"\n",
    "unknown": "#!/bin/sh\nshift 2\nexec \"$@\"\n",
    "refused": "#!/bin/sh\nexit 1\n",
}
ID = '#!/bin/sh\necho "${FAKE_UID-99}"\n'


@pytest.mark.parametrize(("text", "backup", "wanted"), [
    (None, None, None),
    (None, "a\n", ("restore", "")),
    ("a\n", None, None),
    ("a\n", "a\n", ("forget", "")),
    ("b\n", "a\n", None),
    (BLOCK, None, ("remove", "")),
    (BLOCK + "a\n", "a\n", ("restore", "")),
    (BLOCK + BLOCK + "a\n", "a\n", ("restore", "")),
    (BLOCK + "a\nmine\n", "a\n", ("write", "a\nmine\n")),
    ("first\n" + BLOCK + "a\n", None, ("write", "first\na\n")),
    (BLOCK, "", ("restore", "")),
    (BLOCK, "a\n", ("restore", "")),
    ("# Nix\nis fine\n# End Nix\n", None, None),
])
def test_what_becomes_of_a_profile(
    text: str | None, backup: str | None, wanted: tuple[str, str] | None
) -> None:
    assert profiles.action(text, backup) == wanted


def release(where: Path, program: bytes = b"#!/bin/sh\n", macos: str = "14.0") -> Path:
    """The least that is an installer."""
    files = {"install": f"  --yes)\necho upgrade to {macos} or higher\n".encode(),
             "install-multi-user": b'readonly NIX_INSTALLED_NIX="/nix/store/x-nix-9.8.7"\n'
                                   b'    task "One"\n    task "User $user"\n',
             "install-darwin-multi-user.sh": b'task "Two"\n  task "A Nix volume"\n',
             ".reginfo": b"", "store/x-nix-9.8.7/bin/nix": program}
    for name, data in files.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_bytes(data)
    return where


def test_a_payload_is_read(tmp_path: Path) -> None:
    found = payload.read(release(tmp_path))
    assert (found.version, found.macos, found.kind, found.steps, found.yes) == (
        "9.8.7", "14.0", "script", 3, True)
    assert install.steps(found, ["--daemon-user-count", "5"]) == 7
    assert found.size == sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(("head", "kind"), [
    (bytes.fromhex("cffaedfe07000001"), "macOS x86_64"),
    (bytes.fromhex("cffaedfe0c000001"), "macOS arm64"),
    (b"\x7fELF", "Linux"), (b"MZ", "unknown"), (b"", "unknown"),
])
def test_the_kind_of_program(tmp_path: Path, head: bytes, kind: str) -> None:
    release(tmp_path, head)
    assert payload.read(tmp_path).kind == kind
    # as newer releases have it: the package's program is a link to another store path's
    program = tmp_path / "store/x-nix-9.8.7/bin/nix"
    other = tmp_path / "store/y-nix-cli/bin"
    other.mkdir(parents=True)
    program.rename(other / "nix")
    program.symlink_to("/nix/store/y-nix-cli/bin/nix")
    assert payload.read(tmp_path).kind == kind


@pytest.mark.parametrize(("change", "says"), [
    (lambda path: (path / ".reginfo").unlink(), "it has no .reginfo"),
    (lambda path: (path / "install-multi-user").write_text('NIX="@nix@"'), "a source tree"),
    (lambda path: (path / "store/x-nix-9.8.7").rename(path / "store/z"), "is not whole"),
])
def test_what_is_no_payload(tmp_path: Path, change: object, says: str) -> None:
    change(release(tmp_path))  # type: ignore[operator]
    with pytest.raises(AdminError, match=says):
        payload.read(tmp_path)


def test_a_file_that_is_no_tarball(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no")
    with pytest.raises(AdminError, match="cannot be unpacked"):
        payload.unpack(tmp_path / "x", tmp_path)


def test_the_command_line(tmp_path: Path) -> None:
    found = payload.read(release(tmp_path))
    assert install.script(found, "/in/a b", ["--x"], False) == (
        "/bin/sh '/in/a b/install' --daemon --yes --x")
    assert install.script(found, "/in", [], True) == (
        "umask 0022; /bin/bash /in/install-multi-user install")
    (tmp_path / "install").write_text("")
    old = install.script(payload.read(tmp_path), "/in", [], False)
    assert old == "/bin/sh /in/install --daemon", "an older one would show its help"


@pytest.fixture
def darling(tmp_path: Path) -> inside.Darling:
    """A Darling of sh; sudo changes what id says, and nothing else."""
    (tmp_path / "booted").touch()
    for name, text in {"darling": DARLING.format(tools=tmp_path / "tools"), "tools/id": ID,
                       "tools/sudo": SUDO["one"]}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return Fake(str(tmp_path), str(tmp_path / "darling"))


class Fake(inside.Darling):
    """sudo is found on the PATH: the machine's own is not to be touched."""

    def command(self, script: str, words: Sequence[str] = (),
                environment: Mapping[str, str] | None = None, uid: int | None = 0) -> list[str]:
        tools = {**(environment or {}), "PATH": f"{self.root}/tools:/usr/bin:/bin",
                 "TMPDIR": self.root}
        argv = super().command(script, words, tools, uid)
        return ["sudo" if word == "/usr/bin/sudo" else word for word in argv]


AWKWARD = ["", "it's", 'a "b"', "$HOME `id` \\ \\0101 %s", "two\nlines\n", "é☃", "!x", "*"]


def test_words_pass_whole_through_darling_shell(darling: inside.Darling) -> None:
    result = darling.run('for word; do printf "%s|" "$word"; done; cat; exit 5', *AWKWARD,
                         input="in\n")
    assert (result.returncode, result.stdout) == (5, "|".join([*AWKWARD, "in\n"]))


def test_the_first_start_does_not_wait_for_what_it_leaves_running(
    darling: inside.Darling, tmp_path: Path
) -> None:
    (tmp_path / "booted").unlink()
    begin = time.monotonic()
    darling.boot()
    assert darling.run("echo x").stdout == "x\n"
    assert time.monotonic() - begin < 3


def test_a_darling_that_does_not_start(darling: inside.Darling, tmp_path: Path) -> None:
    (tmp_path / "darling").write_text("#!/bin/sh\necho not setuid >&2; exit 1\n")
    with pytest.raises(AdminError, match=f"does not start {tmp_path}: not setuid"):
        darling.boot()
    with pytest.raises(AdminError, match="there is no program /none; say with --darling"):
        inside.Darling(str(tmp_path), "/none")


@pytest.mark.parametrize(("sudo", "found"), [
    ("one", probe.ONE), ("unknown", probe.UNKNOWN), ("refused", probe.UNKNOWN)])
def test_the_probe(darling: inside.Darling, tmp_path: Path, sudo: str, found: str) -> None:
    (tmp_path / "tools/sudo").write_text(SUDO[sudo])
    assert probe.uids(darling) == found
    assert not list(tmp_path.glob("darling-dirserv-uid.*")), "it leaves nothing"


def test_many_questions_in_one_call(darling: inside.Darling) -> None:
    answers = ask(darling, {"a": "echo 1; exit 3", "b": "printf x; cat", "c": "echo e >&2"})
    assert answers == {"a": (3, "1\n"), "b": (0, "x"), "c": (0, "e\n")}
    with pytest.raises(AdminError, match="does not answer"):
        ask(darling, {"a": "kill -9 $$"})


def test_an_answer_that_never_comes(darling: inside.Darling) -> None:
    result = darling.run("echo begun; sleep 5", timeout=1)
    assert (result.returncode, result.stdout) == (124, "begun\nno end in 1 s\n")


def test_only_root_runs_a_trees_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AdminError, match=f"only root can run the programs of {tmp_path}"):
        inside.find(str(tmp_path))


def test_a_prefix_without_our_commands_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".darlingserver.sock").touch()
    with pytest.raises(AdminError, match=f"`darling-dirserv install --prefix {tmp_path}` comes"):
        inside.find(str(tmp_path))


def test_output_is_handed_on_as_it_is() -> None:
    script = (r"printf '\033[32m~~> One\033[0m\nsaid\377\n    $ sudo x y\n\nwhy\r\n'; "
              "sleep 3 & echo bad >&2; printf 'half'; exit 4")
    show, log = io.BytesIO(), io.BytesIO()
    watch, begin = Watch(2, show, log), time.monotonic()
    assert watch.run(["/bin/sh", "-c", script], os.environ) == 4
    assert time.monotonic() - begin < 2, "what it leaves running is not waited for"
    wanted = subprocess.run(["/bin/sh", "-c", script.replace("sleep 3 &", "")],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout
    assert show.getvalue() == log.getvalue() == wanted
    assert (watch.step, watch.command, watch.said) == ("One", "x y", ["why", "bad"])


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    show = io.BytesIO()
    Watch(2, show, io.BytesIO()).run(
        ["/bin/sh", "-c", "echo '~~> One'; sleep 0.2; echo more; sleep 0.2; echo '~~> Two'"],
        os.environ)
    shown = [line.strip() for line in terminal.getvalue().split("\r") if line.strip()]
    assert [line.partition("] ")[2].split() for line in dict.fromkeys(shown)] == [
        ["1/2", "One"], ["2/2", "Two"]]
    assert shown.count(shown[0]) == 3, "it comes back after other output"
    assert terminal.getvalue().endswith(" \r")
    assert show.getvalue() == b"~~> One\nmore\n~~> Two\n"


def test_an_interrupted_installer_is_waited_for(tmp_path: Path) -> None:
    done = tmp_path / "done"
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    status = Watch(1, io.BytesIO(), io.BytesIO()).run(
        ["/bin/sh", "-c", f"trap '' INT; sleep 0.8; touch {done}"], os.environ)
    assert (status, done.exists()) == (130, True)


def test_what_is_in_the_way(
    darling: inside.Darling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare machine: nothing of ours, Linux, full."""
    full = os.statvfs_result((4096, 4096, 9, 9, 9, 9, 9, 9, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    arm = payload.read(release(tmp_path / "release", bytes.fromhex("cffaedfe0c000001")))
    (tmp_path / "tools/launchctl").write_text("#!/bin/sh\necho usage >&2; exit 1\n")
    (tmp_path / "tools/launchctl").chmod(0o755)
    (tmp_path / "tools/sw_vers").write_text("#!/bin/sh\necho 14.5\n")
    (tmp_path / "tools/sw_vers").chmod(0o755)
    found = checks.obstacles(darling, arm, False)
    assert [one.code for one in found if one.code not in ("daemons", "earlier")] == [
        "commands", "commands", "commands", "system", "architecture", "space"]
    texts = [one.text for one in found]
    assert "launchctl does not answer: usage" in texts
    assert f"this Nix is for macOS arm64, the prefix runs macOS {os.uname().machine}" in texts
    assert f"0 MiB are free in {tmp_path}, 200 MiB are wanted" in texts
    assert f"darling-dirserv install --prefix {tmp_path} lays our commands" == found[0].next


PASSWD = "root:*:0:0::/:/bin/sh\n_nixbld1:*:351:350:x:/var/empty:/sbin/nologin\n"
GROUP = "nixbld:*:350:_nixbld1\n"


@pytest.mark.parametrize(("passwd", "master", "group", "said"), [
    (PASSWD, PASSWD, GROUP, ""),
    (PASSWD, None, GROUP, ""),
    (None, None, GROUP, "there is no /etc/passwd"),
    (PASSWD.replace("351", "9"), PASSWD, GROUP, "/etc/passwd says something else of _nixbld1"),
    (PASSWD, PASSWD.replace("350", "9"), GROUP,
     "/etc/master.passwd says something else of _nixbld1"),
    (PASSWD, PASSWD, "nixbld:*:350:\n", "/etc/group says something else of nixbld"),
    (PASSWD, PASSWD, "wheel:*:0:\n", "/etc/group says something else of nixbld"),
])
def test_flat_files_that_differ_from_the_directory(
    darling: inside.Darling, passwd: str | None, master: str | None, group: str, said: str
) -> None:
    answers = {name: Answer(int(text is None), text or "") for name, text in
               (("passwd", passwd), ("master", master), ("groups", group))}
    health = looks.Health(darling, answers, "350", ["_nixbld1"], {"_nixbld1": "351"})
    if not said:
        assert looks.flat(health) == "passwd and group agree with the directory"
        return
    with pytest.raises(looks.Bad, match=said):
        looks.flat(health)
