"""The call sequences of Homebrew, Chef, Puppet and kardianos/service, parsed as they parse."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import callers
from tests.clients.callers import Caller
from tests.clients.shell import Row, play
from tests.unit.supervisor.harness import Launchd, until

BREW = "homebrew.mxcl.redis"
CHEF = "io.chef.testing.fake"
GO = "go-service"


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    """A root with a supervisor and a client."""
    launchd = Launchd(tmp_path / "root")
    yield Caller(launchd, tmp_path / "commands")
    launchd.stop()


# -- Homebrew services ---------------------------------------------------------------------------

def brew_stopped(caller: Caller, domain: str) -> list[int]:
    """Its loop: bootout until launchctl says that the service is gone; the statuses."""
    statuses = []
    while not statuses or statuses[-1] == 36:
        statuses.append(caller("bootout", f"{domain}/{BREW}").returncode)
        time.sleep(1 if statuses[-1] == 36 else 0)
    return statuses


@pytest.mark.parametrize("domain", ["system", f"gui/{os.getuid()}", f"user/{os.getuid()}"])
def test_brew_services(caller: Caller, domain: str) -> None:
    sessions = ["Aqua", "Background", "LoginWindow", "StandardIO", "System"]
    path = caller.plist(BREW, RunAtLoad=True, KeepAlive=True, LimitLoadToSessionType=sessions,
                        LegacyTimers=True)
    play(
        caller,
        Row("launchctl print {target}", 113, callers.brew_print, (None, False, None), None),
        Row("launchctl list {label}", 113, callers.brew_list, (None, False), None),
        Row("launchctl enable {target}"), Row("launchctl bootstrap {domain} {path}"),
        Row("launchctl print {target}", 0, callers.brew_print, (None, True, path)),
        target=f"{domain}/{BREW}", label=BREW, domain=domain, path=path,
    )
    assert brew_stopped(caller, domain) == [0]
    assert caller("print", f"{domain}/{BREW}").returncode == 113
    assert brew_stopped(caller, domain) == [3]
    assert caller("stop", f"{domain}/{BREW}").returncode == 3


def test_brew_reads_how_it_ended(caller: Caller) -> None:
    path = caller.plist(BREW, ("/bin/sh", "-c", "exit 3"), RunAtLoad=True)
    assert caller("bootstrap", "system", path).returncode == 0
    target = f"system/{BREW}"
    until(lambda: callers.brew_print(caller("print", target)) == ("3", False, path))
    # list shows the status of wait(2).
    assert callers.brew_list(caller("list", BREW)) == ("768", False)
    rows = caller("list").stdout.splitlines()
    assert [row for row in rows if "homebrew." in row] == [f"-\t3\t{BREW}"]


def test_brew_accepts_a_path_state_that_is_a_string(caller: Caller) -> None:
    (caller.root / "wanted").touch()
    path = caller.plist(BREW, KeepAlive={"PathState": "/wanted"})
    assert caller("bootstrap", "system", path).returncode == 0
    until(lambda: callers.brew_print(caller("print", f"system/{BREW}"))[1])


def test_brew_cask_uninstalls(caller: Caller) -> None:
    """Each way is tried whether or not the one before was a success."""
    path = caller.plist(BREW, KeepAlive=True)
    play(
        caller,
        Row("launchctl bootstrap system {path}"), Row("launchctl list {label} >/dev/null"),
        Row("launchctl remove {label}"), Row("launchctl unload -w -- {path}", stderr=None),
        Row("launchctl list {label}", 113, stderr=None), Row("launchctl remove {label}"),
        path=path, label=BREW,
    )


# -- Chef ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("through", ["", "su"])
@pytest.mark.parametrize("session", ["", "-S Background "])
def test_chef_macosx_service(caller: Caller, session: str, through: str) -> None:
    """load -w and unload -w around `list LABEL`; for a user, all as a word of another shell."""
    path = caller.plist(CHEF, KeepAlive=True)

    def line(words: str) -> str:
        return f"bash -c {shlex.quote(words)}" if through else words

    loaded = Row(line(f"launchctl list {CHEF}"), 0, callers.chef_running, True)
    missing = Row(line(f"launchctl list {CHEF}"), 113, callers.chef_running, False, None)
    load = Row(line(f"launchctl load -w {session}{path}"))
    unload = Row(line(f"launchctl unload -w {path}"))
    play(caller, missing, load, loaded, unload, missing, load, loaded)


def test_chef_sees_a_job_without_process(caller: Caller) -> None:
    caller("load", "-w", caller.plist(CHEF))
    assert not callers.chef_running(caller("list", CHEF))
    assert caller("start", CHEF).returncode == 0
    assert callers.chef_running(caller("list", CHEF))
    assert caller("stop", CHEF).returncode == 0


def test_chefs_misspelt_key_counts(caller: Caller) -> None:
    """Its launchd resource writes ExitTimeout."""
    caller("load", caller.plist(CHEF, ExitTimeout=7, TimeOut=9))
    assert "\texit timeout = 7\n" in caller("print", f"system/{CHEF}").stdout


# -- Puppet --------------------------------------------------------------------------------------

def test_puppet_service(caller: Caller) -> None:
    """status by `list`, start and stop by load and unload -w, enable by the store's file."""
    label = "org.example.puppet"
    path = caller.plist(label, KeepAlive=True)
    # It fails if the store is not there to be read.
    assert callers.puppet_overrides(caller.root) == {}
    assert label not in callers.puppet_loaded(caller("list"))
    play(caller, Row(f"launchctl load {path}"))
    assert label in callers.puppet_loaded(caller("list"))
    play(caller, Row(f"launchctl unload -w {path}"))
    assert callers.puppet_overrides(caller.root) == {label: True}
    assert label not in callers.puppet_loaded(caller("list"))
    play(caller, Row(f"launchctl load -w {path}"))
    assert callers.puppet_overrides(caller.root) == {label: False}


def test_puppet_writes_the_store_itself(caller: Caller) -> None:
    label = "org.example.puppet"
    path = caller.plist(label)
    callers.puppet_override(caller.root, label, True)
    play(
        caller,
        Row("launchctl print-disabled system", 0, callers.installer_disabled(label), True),
        Row(f"launchctl load {path}", stderr=None),
    )
    assert label not in callers.puppet_loaded(caller("list"))
    callers.puppet_override(caller.root, label, False)
    play(caller, Row(f"launchctl load {path}"))
    assert label in callers.puppet_loaded(caller("list"))


# -- kardianos/service ---------------------------------------------------------------------------

def test_kardianos_service(caller: Caller) -> None:
    """load, list, unload; restart is unload and load.  A word on stderr is an error to it."""
    path = caller.plist(GO, KeepAlive=True, SessionCreate=False, RunAtLoad=False)

    def says(*argv: str) -> str | None:
        return callers.kardianos(caller(*argv))

    def status() -> str:
        return callers.kardianos_status(caller("list", GO))

    assert status() == "not installed"
    assert says("load", path) is None
    assert status() == "running"
    assert says("unload", path) is None
    assert says("load", path) is None
    assert says("load", path) == (
        "Load failed: 5: Input/output error\n"
        "Try running `launchctl bootstrap` as root for richer errors.\n")
    assert says("unload", path) is None
    assert status() == "not installed"


def test_kardianos_sees_a_stopped_job(caller: Caller) -> None:
    assert callers.kardianos(caller("load", caller.plist(GO))) is None
    assert callers.kardianos_status(caller("list", GO)) == "stopped"
