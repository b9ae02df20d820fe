"""The call sequences of the Nix family, against our launchctl and a real supervisor."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import callers
from tests.clients.callers import Caller
from tests.clients.shell import Row, play
from tests.unit.supervisor.harness import Launchd, until

DAEMON, STORE = "org.nixos.nix-daemon", "org.nixos.darwin-store"
SYSTEM = f"system/{DAEMON}"
TERM_DEAF = ("/bin/sh", "-c", 'trap "" TERM; while :; do sleep 0.1; done')
NO_STDERR_FOR_5 = "Bootstrap failed: 5: Input/output error\n"


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    """A root with a supervisor and a client."""
    launchd = Launchd(tmp_path / "root")
    yield Caller(launchd, tmp_path / "commands")
    launchd.stop()


def daemon(caller: Caller, **keys: object) -> str:
    """The nix-daemon's property list as the installers write it, less the daemon."""
    return caller.plist(DAEMON, KeepAlive=True, RunAtLoad=True, StandardOutPath="/dev/null",
                        SoftResourceLimits={"NumberOfFiles": 1048576}, **keys)


def test_shell_installer(caller: Caller) -> None:
    """scripts/install-darwin-multi-user.sh twice, the manual's upgrade and uninstallation."""
    play(
        caller,
        Row("launchctl load {path}"), Row("launchctl kickstart -k {service}"),
        Row("launchctl list | grep nix-daemon", 0,
            lambda result: result.stdout.split("\t")[1:], ["-15", DAEMON + "\n"]),
        # A second installation: the job is loaded already.
        Row("launchctl load {path}", stderr=None), Row("launchctl kickstart -k {service}"),
        # upgrading.md
        Row("launchctl remove {label}"), Row("launchctl load {path}", stderr=None),
        Row("launchctl print {service}", 0, callers.installer_started, True),
        # uninstall.md
        Row("launchctl unload {path}"), Row("launchctl print {service} >/dev/null", 113,
                                            stderr=None),
        path=daemon(caller), service=SYSTEM, label=DAEMON,
    )


def test_shell_installers_volume(caller: Caller) -> None:
    """scripts/create-darwin-volume.sh: bootout through its filter, bootstrap, kickstart."""
    filtered = ("launchctl bootout system/{label} 2> >(/usr/bin/env grep -v "
                '"Boot-out failed: 36: Operation now in progress" >&2) || true')
    play(
        caller,
        Row(filtered, stderr=None),
        Row("launchctl bootstrap system {path} || true"),
        Row("launchctl kickstart -k system/{label}"),
        Row("launchctl bootstrap system {path} || true", stderr=NO_STDERR_FOR_5),
        Row("launchctl kickstart -k system/{label}"),
        Row(filtered), Row("launchctl print system/{label} >/dev/null 2>&1", 113),
        path=caller.plist(STORE, ("/bin/sh", "-c", "exit 0"), RunAtLoad=True), label=STORE,
    )


def test_rust_installers_daemon(caller: Caller) -> None:
    """configure_init_service: bootstrap, print-disabled, enable, kickstart; then its revert."""
    path = daemon(caller)
    assert callers.retry_bootout(caller, "system", DAEMON) == 0
    assert callers.retry_bootstrap(caller, "system", DAEMON, path) == 1
    assert callers.retry_bootstrap(caller, "system", DAEMON, path) == 0
    disabled = callers.installer_disabled(DAEMON)
    assert not disabled(caller("print-disabled", "system"))
    assert callers.retry_kickstart(caller, "system", DAEMON) == 1
    assert callers.installer_started(caller("print", SYSTEM)) is True
    assert callers.retry_bootout(caller, "system", DAEMON) == 1
    assert callers.polls_until_gone(caller, SYSTEM) == 0
    assert caller("stop", SYSTEM).returncode == 3


def test_rust_installers_disabled_service(caller: Caller) -> None:
    """What somebody disabled is enabled before it is bootstrapped."""
    path = daemon(caller)
    assert caller("disable", SYSTEM).returncode == 0
    assert callers.installer_disabled(DAEMON)(caller("print-disabled", "system"))
    refused = caller("bootstrap", "system", path)
    assert (refused.returncode, refused.stderr) == (5, NO_STDERR_FOR_5)
    assert caller("enable", SYSTEM).returncode == 0
    assert not callers.installer_disabled(DAEMON)(caller("print-disabled", "system"))
    assert callers.retry_bootstrap(caller, "system", DAEMON, path) == 1


def test_rust_installers_kickstart(caller: Caller) -> None:
    """kickstart_launchctl_service: state before and after, and `stop` as its revert."""
    path = caller.plist(STORE)
    assert callers.installer_started(caller("print", f"system/{STORE}")) is None
    assert callers.retry_bootstrap(caller, "system", STORE, path) == 1
    assert callers.installer_started(caller("print", f"system/{STORE}")) is False
    assert callers.retry_kickstart(caller, "system", STORE) == 1
    assert callers.installer_started(caller("print", f"system/{STORE}")) is True
    assert caller("stop", f"system/{STORE}").returncode == 0
    until(lambda: callers.installer_started(caller("print", f"system/{STORE}")) is False)
    assert caller("stop", f"system/{STORE}").returncode == 3


def test_rust_installers_hook_and_sockets(caller: Caller) -> None:
    """KeepAlive{SuccessfulExit=false} starts at load; the other daemon's sockets are there."""
    hook, other = "systems.determinate.nix-installer.nix-hook", "systems.determinate.nix-daemon"
    assert caller("print", f"system/{hook}").returncode == 113
    path = caller.plist(hook, ("/bin/sh", "-c", "exit 0"), KeepAlive={"SuccessfulExit": False})
    assert callers.retry_bootstrap(caller, "system", hook, path) == 1
    until(lambda: "\tlast exit code = 0\n" in caller("print", f"system/{hook}").stdout)
    assert "\truns = 1\n" in caller("print", f"system/{hook}").stdout
    (caller.root / "private/var/run/sockets").mkdir(parents=True)
    limits = {"NumberOfFiles": 1048576, "NumberOfProcesses": 1048576, "Stack": 67108864}
    socket = {"SockFamily": "Unix", "SockPassive": True,
              "SockPathName": "/private/var/run/sockets/nix-daemon.socket"}
    path = caller.plist(other, RunAtLoad=True, Sockets={"nix-daemon.socket": socket},
                        SoftResourceLimits=limits, HardResourceLimits=limits)
    assert callers.retry_bootstrap(caller, "system", other, path) == 1
    assert (caller.root / "private/var/run/sockets/nix-daemon.socket").is_socket()
    assert callers.installer_started(caller("print", f"system/{other}")) is True


def test_rust_installers_uninstall_check(caller: Caller) -> None:
    """nix-darwin is recognised by its job; a job that ignores SIGTERM is gone after one bootout."""
    activation = "org.nixos.activate-system"
    assert caller("print", f"system/{activation}").returncode != 0
    assert caller("bootstrap", "system", caller.plist(activation)).returncode == 0
    assert caller("print", f"system/{activation}").returncode == 0
    path = caller.plist(DAEMON, TERM_DEAF, RunAtLoad=True, ExitTimeOut=1)
    assert callers.retry_bootstrap(caller, "system", DAEMON, path) == 1
    time.sleep(0.3)  # until its trap is set
    assert callers.retry_bootout(caller, "system", DAEMON) == 1
    assert callers.polls_until_gone(caller, SYSTEM) == 0


def test_nix_darwin_activation(caller: Caller) -> None:
    """Everything under `set -e`: setenv, replaced and removed daemons, kill HUP, kickstart."""
    caller.plist(DAEMON, ("/bin/sh", "-c", 'trap "" HUP; sleep 1000; exit'), KeepAlive=True)
    play(
        caller,
        Row("launchctl setenv LANG C.UTF-8"), Row("launchctl getenv LANG", 0,
                                                  lambda result: result.stdout, "C.UTF-8\n"),
        Row("set -e; launchctl unload {path} || true; launchctl load -w {path}", stderr=None),
        Row("set -e; launchctl unload {path} || true; launchctl load -w {path}"),
        Row("sleep 0.3; launchctl kill HUP {service}"),
        # A loop runs this until the daemon answers: it may run already.
        Row("launchctl kickstart {service}"), Row("launchctl kickstart {service}"),
        Row("[[ $(launchctl managername) != Aqua ]]"),
        # karabiner-elements: no `|| true`, and nothing is loaded the first time.
        Row("set -e; launchctl unload {other}; launchctl load -w {other}", stderr=None),
        Row("launchctl kickstart system/org.example.other"),
        Row("launchctl unload {path} || true"), Row("launchctl print {service}", 113, stderr=None),
        path=f"/Library/LaunchDaemons/{DAEMON}.plist", service=SYSTEM,
        other=caller.plist("org.example.other"),
    )


def test_nix_darwin_openssh(caller: Caller) -> None:
    """modules/services/openssh.nix: a guard by `print` around every change."""
    guarded = ("set -e; if launchctl print system/{label} &>/dev/null; then "
               "launchctl bootout system/{label}; launchctl disable system/{label}; else "
               "launchctl enable system/{label}; launchctl bootstrap system {path}; fi")
    label = "com.openssh.sshd"
    disabled = callers.installer_disabled(label)
    play(
        caller,
        Row(guarded), Row("launchctl print-disabled system", 0, disabled, False),
        Row(guarded), Row("launchctl print-disabled system", 0, disabled, True),
        Row(guarded), Row("launchctl print-disabled system", 0, disabled, False),
        path=caller.plist(label, Disabled=True), label=label,
    )


def test_nix_darwin_user_agents(caller: Caller) -> None:
    """`launchctl asuser UID sudo --user=U -- CMD…` also for other commands; the status is CMD's."""
    uid = os.getuid()
    asuser = f"launchctl asuser {uid} sudo --user=me -- "
    play(
        caller,
        Row(asuser + "launchctl load -w {path}"),
        Row(asuser + "launchctl list {label} >/dev/null"),
        Row(asuser + "launchctl unload {path}"),
        Row(asuser + "launchctl list {label}", 113, stderr=None),
        Row(asuser + "sh -c 'echo \"$1\"; exit 7' sh 'a b'", 7, lambda r: r.stdout, "a b\n"),
        path=caller.plist("org.nixos.agent", where="LaunchAgents"), label="org.nixos.agent",
    )


# -- home-manager --------------------------------------------------------------------------------

NOT_RUNNING = ("No such process", "Domain does not support specified action")


@pytest.mark.parametrize("wait", ["", "--wait "])
@pytest.mark.parametrize("kind", ["gui", "user"])
def test_home_manager(caller: Caller, kind: str, wait: str) -> None:
    """Agents of mode 0444; bootout of what does not run, bootstrap of what does."""
    label, domain = "org.nix-community.home.agent", f"{kind}/{os.getuid()}"
    keys = {"LimitLoadToSessionType": "Background"} if kind == "user" else {}
    path = caller.plist(label, where="LaunchAgents", mode=0o444, RunAtLoad=True, **keys)
    target = f"{domain}/{label}"
    bootout = f"launchctl bootout {wait}{target}"
    play(
        caller,
        Row(f"launchctl print {target}", 113, stderr=None),
        Row(bootout, 3, lambda r: any(text in r.stderr for text in NOT_RUNNING), True, None),
        Row(f"launchctl bootstrap {domain} {path}"), Row(f"launchctl print {target} >/dev/null"),
        Row(f"launchctl bootstrap {domain} {path}", 5,
            lambda r: r.stderr.splitlines()[0], "Bootstrap failed: 5: Input/output error", None),
        Row(f"launchctl kickstart -k {target}"),
        Row(bootout), Row(f"launchctl print {target}", 113, stderr=None),
        Row(f"launchctl bootstrap {domain} {path}"),
    )
