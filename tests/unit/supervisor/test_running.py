"""Jobs that really run: started, kept alive, throttled, ended."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from launchd_shim.unixpath import Address
from tests.unit.supervisor.harness import Launchd, alive, end, until

SLEEP = "exec sleep 1000"


def test_a_job_without_a_reason_waits(launchd: Launchd) -> None:
    assert launchd.load("idle", SLEEP) == 0
    found = launchd.service("idle")
    assert (found["state"], found["pid"], found["runs"]) == ("not running", None, 0)
    assert launchd.ask("start", label="idle") == {"error": 0}
    assert launchd.service("idle")["reason"] == "non-ipc demand"
    pid = launchd.pid("idle")
    assert launchd.ask("start", label="idle") == {"error": 0}
    assert launchd.pid("idle") == pid, "a start of a running job changes nothing"


def test_what_a_process_is_given(launchd: Launchd) -> None:
    script = ('{ env; pwd; umask; ulimit -Sn; cut -d" " -f1,5,6 /proc/$$/stat; } > "$OUT"; '
              "ls -l /proc/self/fd/0; echo error >&2")
    assert launchd.ask("setenv", values={"DOMAIN": "of launchctl"}) == {"error": 0}
    assert launchd.load(
        "given", script, RunAtLoad=True, Umask=0o77, WorkingDirectory="/private/var",
        EnvironmentVariables={"OUT": str(launchd.root / "out")},
        SoftResourceLimits={"NumberOfFiles": 99}, Nice=5,
        StandardOutPath="/private/var/log/deep/o.log", StandardErrorPath="/private/var/log/e.log",
    ) == 0
    until(lambda: launchd.service("given")["last_exit_status"] == 0)
    *environment, directory, umask, files, ids = (launchd.root / "out").read_text().splitlines()
    assert {"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "XPC_SERVICE_NAME=given", "XPC_FLAGS=0x0",
            "DOMAIN=of launchctl"} <= set(environment)
    assert not any(line.startswith(("HOME=", "USER=", "DIRSERV")) for line in environment)
    assert (directory, umask, files) == (str(launchd.root / "private/var"), "0077", "99")
    assert len(set(ids.split())) == 1, "it leads its group and session"
    assert "/dev/null" in (launchd.root / "private/var/log/deep/o.log").read_text()
    assert (launchd.root / "private/var/log/e.log").read_text() == "error\n"


@pytest.mark.parametrize(
    ("keep", "script", "again"),
    [
        (True, "exit 0", True),
        (True, "exit 1", True),
        (False, "exit 1", False),
        ({"SuccessfulExit": False}, "exit 1", True),
        ({"SuccessfulExit": False}, "exit 0", False),
        ({"SuccessfulExit": True}, "exit 0", True),
        ({"SuccessfulExit": True}, "exit 1", False),
        ({"Crashed": True}, "kill -SEGV $$", True),
        ({"Crashed": True}, "exit 1", False),
        ({"Crashed": False}, "exit 0", True),
        ({"Crashed": False}, "kill -ABRT $$", False),
        ({}, "exit 1", False),
    ],
)
def test_keep_alive(launchd: Launchd, keep: object, script: str, again: bool) -> None:
    assert launchd.load("kept", script, KeepAlive=keep, RunAtLoad=True, ThrottleInterval=1) == 0
    until(lambda: launchd.service("kept")["last_exit_status"] is not None)
    state = launchd.service("kept")["state"]
    assert state in (("spawn scheduled", "running") if again else ("not running",))
    if again:
        until(lambda: launchd.service("kept")["runs"] >= 2)


@pytest.mark.parametrize("keep", [{"SuccessfulExit": False}, {"Crashed": True}])
def test_conditions_about_exits_start_a_job_at_load(launchd: Launchd, keep: dict) -> None:
    assert launchd.load("hook", SLEEP, KeepAlive=keep) == 0
    assert launchd.pid("hook")


def test_a_short_run_is_throttled_and_a_start_is_not(launchd: Launchd) -> None:
    assert launchd.load("short", "exit 1", KeepAlive=True, ThrottleInterval=30) == 0
    until(lambda: launchd.service("short")["state"] == "spawn scheduled")
    assert "Service only ran for 0 seconds. Pushing respawn out by 30 seconds." in launchd.log()
    assert launchd.ask("kickstart", label="short")["error"] in (0, 5)
    assert launchd.service("short")["runs"] == 2


def test_kickstart_k_ends_and_starts(launchd: Launchd) -> None:
    assert launchd.load("again", SLEEP, RunAtLoad=True) == 0
    pid = launchd.pid("again")
    reply = launchd.ask("kickstart", label="again", kill=True)
    assert reply["error"] == 0 and reply["pid"] not in (None, pid)
    assert not alive(pid) and alive(reply["pid"])
    assert launchd.service("again")["last_exit_status"] == signal.SIGTERM


def test_bootout_waits_for_the_end(launchd: Launchd) -> None:
    assert launchd.load("obedient", SLEEP, KeepAlive=True) == 0
    pid = launchd.pid("obedient")
    assert launchd.ask("bootout", label="obedient") == {"error": 0}
    assert not alive(pid) and launchd.labels() == []
    assert launchd.ask("bootout", label="obedient") == {"error": 3}
    assert launchd.ask("service", label="obedient") == {"error": 113}


def test_a_job_that_ignores_sigterm_is_killed(launchd: Launchd) -> None:
    script = 'trap "" TERM; while :; do sleep 0.1; done'
    assert launchd.load("deaf", script, RunAtLoad=True, ExitTimeOut=1) == 0
    pid = launchd.pid("deaf")
    time.sleep(0.2)
    begin = time.monotonic()
    assert launchd.ask("bootout", label="deaf") == {"error": 0}
    assert time.monotonic() - begin >= 0.9
    assert not alive(pid)
    assert "did not end after SIGTERM; sending SIGKILL" in launchd.log()


DOUBLE = ('setsid sh -c "sleep 1001 & echo \\$! > $PIDS" & sleep 0.3; '
          "sleep 1002 & echo $! >> $PIDS; wait")


@pytest.mark.parametrize("abandon", [False, True])
def test_what_a_job_double_forked_ends_with_it(launchd: Launchd, abandon: bool) -> None:
    pids = launchd.root / "pids"
    assert launchd.load("forks", DOUBLE, RunAtLoad=True, AbandonProcessGroup=abandon,
                        EnvironmentVariables={"PIDS": str(pids)}) == 0
    until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    children = [int(pid) for pid in pids.read_text().split()]
    end(launchd.pid("forks"))
    if abandon:
        until(lambda: launchd.service("forks")["pid"] is None)
        assert all(map(alive, children))
        for pid in children:
            end(pid)
    until(lambda: not any(map(alive, children)))


def test_no_zombie_is_left(launchd: Launchd) -> None:
    for number in range(10):
        assert launchd.load(f"z{number}", "(sleep 0.1 &) ; exit 0", RunAtLoad=True,
                            AbandonProcessGroup=True) == 0
    time.sleep(0.5)
    children = Path(f"/proc/{launchd.process.pid}/task/{launchd.process.pid}/children")
    until(lambda: children.read_text() == "")


def test_a_program_that_cannot_be_executed(launchd: Launchd) -> None:
    assert launchd.load("broken", ProgramArguments=["/no/such/program"], KeepAlive=True) == 0
    found = launchd.service("broken")
    assert (found["state"], found["last_exit_status"]) == ("spawn scheduled", 78 << 8)
    assert "could not be started: /no/such/program" in launchd.log()


def test_a_log_that_cannot_be_opened(launchd: Launchd) -> None:
    (launchd.root / "private/var/file").write_text("")
    assert launchd.load("mute", SLEEP, RunAtLoad=True,
                        StandardOutPath="/private/var/file/x.log") == 0
    assert launchd.service("mute")["last_exit_status"] == 78 << 8


def test_launch_only_once(launchd: Launchd) -> None:
    assert launchd.load("once", "exit 0", RunAtLoad=True, LaunchOnlyOnce=True, KeepAlive=True,
                        ThrottleInterval=0) == 0
    until(lambda: launchd.service("once")["last_exit_status"] == 0)
    time.sleep(0.3)
    assert launchd.service("once")["runs"] == 1


def test_intervals(launchd: Launchd) -> None:
    assert launchd.load("tick", f"echo x >> {launchd.root}/ticks", StartInterval=1,
                        ThrottleInterval=1) == 0
    until(lambda: (launchd.root / "ticks").exists()
          and len((launchd.root / "ticks").read_text().split()) >= 2)


def test_watched_paths_and_queues(launchd: Launchd) -> None:
    spool = launchd.root / "private/spool"
    assert launchd.load("watch", f"echo x >> {launchd.root}/seen", ThrottleInterval=1,
                        WatchPaths=["/private/watched/file"]) == 0
    assert launchd.load("queue", f"rm -f {spool}/*; echo x >> {launchd.root}/queued",
                        QueueDirectories=["/private/spool"], ThrottleInterval=1) == 0
    assert launchd.service("watch")["runs"] == launchd.service("queue")["runs"] == 0
    (launchd.root / "private/watched").mkdir(parents=True)
    (launchd.root / "private/watched/file").write_text("x")
    until(lambda: (launchd.root / "seen").exists())
    spool.mkdir()
    (spool / "item").write_text("x")
    until(lambda: (launchd.root / "queued").exists() and not (spool / "item").exists())


def test_path_state(launchd: Launchd) -> None:
    flag = launchd.root / "private/flag"
    assert launchd.load("state", SLEEP, KeepAlive={"PathState": {"/private/flag": True}}) == 0
    assert launchd.service("state")["pid"] is None
    flag.write_text("")
    assert launchd.pid("state")


def test_other_jobs(launchd: Launchd) -> None:
    assert launchd.load("follower", SLEEP, KeepAlive={"OtherJobEnabled": {"leader": True}}) == 0
    assert launchd.service("follower")["pid"] is None
    assert launchd.load("leader", SLEEP) == 0
    assert launchd.pid("follower")


def test_a_socket_starts_a_job_that_takes_it_over(launchd: Launchd) -> None:
    script = ('[ "$LISTEN_PID" = $$ ] && echo "$LISTEN_FDS $LISTEN_FDNAMES" > '
              f"{launchd.root}/got; exec sleep 1000")
    assert launchd.load("sock", script, Sockets={
        "Listener": {"SockPathName": "/private/var/run/my.sock", "SockPathMode": 0o666}}) == 0
    path = launchd.root / "private/var/run/my.sock"
    assert path.stat().st_mode & 0o777 == 0o666
    assert launchd.service("sock")["runs"] == 0
    with socket.socket(socket.AF_UNIX) as client, Address(str(path)) as short:
        client.connect(short)
        got = launchd.root / "got"
        until(lambda: got.exists() and got.read_text() == "1 Listener\n")
    assert launchd.service("sock")["reason"] == "ipc (socket)"
    assert launchd.ask("bootout", label="sock") == {"error": 0}
    assert not path.exists()


@pytest.mark.parametrize("wait", [True, False])
def test_inetd(launchd: Launchd, wait: bool) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = ["/bin/sh", "-c", "read line; echo you said $line"]
    if wait:
        program = [os.path.realpath("/usr/bin/python3"), "-c",
                   "import socket; c, _ = socket.socket(fileno=0).accept(); "
                   "c.sendall(b'you said ' + c.recv(99))"]
    assert launchd.load("inet", ProgramArguments=program, inetdCompatibility={"Wait": wait},
                        Sockets={"L": {"SockNodeName": "127.0.0.1",
                                       "SockServiceName": str(port)}}) == 0
    for word in ("one", "two")[:1 if wait else 2]:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(word.encode() + b"\n")
            assert client.makefile().readline() == f"you said {word}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_user_and_group(launchd: Launchd) -> None:
    from tests.support import put

    put(launchd.root, "Users/builder", {"uid": ["64001"], "gid": ["64002"],
                                        "home": ["/var/builder"], "shell": ["/bin/sh"]})
    put(launchd.root, "Groups/extra", {"gid": ["64003"], "users": ["builder"]})
    launchd.root.chmod(0o755)
    (launchd.root / "private/tmp").mkdir()
    (launchd.root / "private/tmp").chmod(0o1777)
    assert launchd.load("asuser", 'id -u; id -g; id -G; echo "$HOME $USER $LOGNAME $SHELL"',
                        RunAtLoad=True, UserName="builder",
                        StandardOutPath="/private/tmp/id.log") == 0
    until(lambda: launchd.service("asuser")["last_exit_status"] is not None)
    uid, gid, groups, variables = (
        launchd.root / "private/tmp/id.log").read_text().splitlines()
    assert (uid, gid) == ("64001", "64002")
    assert {"64002", "64003"} <= set(groups.split()) and "0" not in groups.split()
    assert variables == "/var/builder builder builder /bin/sh"


def test_an_unknown_user(launchd: Launchd) -> None:
    assert launchd.load("nouser", SLEEP, RunAtLoad=True, UserName="nobody-here") == 0
    assert launchd.service("nouser")["last_exit_status"] == 78 << 8
    assert "the user nobody-here does not exist" in launchd.log()
