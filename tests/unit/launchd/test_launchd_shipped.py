"""Property lists as real programs ship them load as their authors mean them."""

from __future__ import annotations

from typing import Any

import pytest

from launchd_shim.check.jsonform import plain
from launchd_shim.job import Job, KeepAlive
from launchd_shim.loading import load
from tests.unit.launchd.support import PLISTS, texts

#: What a machine without the same limits leaves out, said of every limit.
LIMITS = "{0}: at most what this machine's hard limit allows"
FILES = {"NumberOfFiles": 1048576}
MORE = {**FILES, "NumberOfProcesses": 1048576, "Stack": 67108864}
DAEMON = "/nix/var/nix/profiles/default/bin/nix-daemon"
LOG = "/var/log/nix-daemon.log"

SHIPPED: dict[str, dict[str, Any]] = {
    "org.nixos.nix-daemon": {
        "label": "org.nixos.nix-daemon", "when.run_at_load": True, "when.keep_alive": True,
        "arguments": ["/bin/sh", "-c", f"/bin/wait4path {DAEMON} && exec {DAEMON}"],
        "process.stderr": LOG, "process.stdout": "/dev/null", "process.soft_limits": FILES},
    "nix-daemon-2.0": {
        "label": "org.nixos.nix-daemon", "when.run_at_load": True, "when.keep_alive": True,
        "program": "/opt/nix/bin/nix-daemon", "process.stderr": LOG,
        "process.stdout": "/dev/null"},
    "nix-daemon-2.3": {
        "label": "org.nixos.nix-daemon", "when.run_at_load": True, "when.keep_alive": True,
        "arguments": ["/bin/sh", "-c", f"/bin/wait4path {DAEMON} && {DAEMON}"],
        "process.stderr": LOG, "process.stdout": "/dev/null",
        "process.environment": {
            "NIX_SSL_CERT_FILE": "/nix/var/nix/profiles/default/etc/ssl/certs/ca-bundle.crt",
            "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}},
    "org.nixos.darwin-store": {
        "label": "org.nixos.darwin-store", "when.run_at_load": True,
        "arguments": ["/usr/sbin/diskutil", "mount", "-mountPoint", "/nix",
                      "1B2C3D4E-0000-4000-8000-00000000ABCD"]},
    "darwin-store-encrypted": {
        "label": "org.nixos.darwin-store", "when.run_at_load": True,
        "arguments": ["/bin/sh", "-c", "/usr/bin/security find-generic-password -s '1B2C3D4E' "
                      "-w | /usr/sbin/diskutil apfs unlockVolume '1B2C3D4E' -mountpoint '/nix' "
                      "-stdinpassphrase"]},
    "nix-installer-hook": {
        "label": "systems.determinate.nix-installer.nix-hook",
        "arguments": ["/bin/sh", "-c",
                      "/bin/wait4path /nix/nix-installer && /nix/nix-installer repair"],
        "when.keep_alive.successful_exit": False,
        "process.stderr": "/nix/.nix-installer-hook.err.log",
        "process.stdout": "/nix/.nix-installer-hook.out.log"},
    "determinate-daemon": {
        "label": "systems.determinate.nix-daemon", "when.run_at_load": True,
        "program": "/usr/local/bin/determinate-nixd",
        "when.sockets": {
            "determinate-nixd.socket": ["/var/run/determinate-nixd.socket"],
            "nix-daemon.socket": ["/var/run/nix-daemon.socket"]},
        "process.soft_limits": MORE, "process.hard_limits": MORE},
    "nix-darwin-daemon": {
        "label": "org.nixos.nix-daemon", "when.keep_alive": True,
        "arguments": ["/bin/sh", "-c", "/bin/wait4path /nix/store && "
                      "exec /run/current-system/sw/bin/nix-daemon"],
        "when.sockets": {"Listeners": ["/var/run/nix-daemon.socket"]},
        "process.environment": {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"},
        "process.soft_limits": FILES, "process.stderr": LOG},
    "pm2": {
        "label": "pm2.builder", "when.run_at_load": True, "when.keep_alive": True,
        "when.launch_only_once": True, "process.user": "builder",
        "arguments": ["/bin/sh", "-c", "/usr/local/bin/pm2 resurrect"],
        "process.environment": {"PATH": "/usr/local/bin:/usr/bin",
                                "PM2_HOME": "/Users/builder/.pm2"},
        "process.stderr": "/tmp/com.PM2.err", "process.stdout": "/tmp/com.PM2.out"},
    "home-manager-agent": {
        "label": "org.nix-community.home.git-sync", "sessions": ["Background"],
        "arguments": ["/nix/store/00000000000000000000000000000000-git-sync/bin/git-sync"],
        "when.interval": 500, "when.watch_paths": ["/Users/hm-user/notes"],
        "process.directory": "/Users/hm-user/notes"},
    "newsyslog-style": {
        "label": "com.example.rotate", "arguments": ["rotate", "-q"], "process.nice": 1,
        "process.umask": 0o027, "process.exit_timeout": 0,
        "when.calendar": [{"Minute": 30}, {"Weekday": 7, "Hour": 2, "Minute": 0}]},
}

NOTES = {
    "org.nixos.nix-daemon": ["partly SoftResourceLimits: " + LIMITS.format("SoftResourceLimits")],
    "determinate-daemon": ["partly SoftResourceLimits: " + LIMITS.format("SoftResourceLimits"),
                           "partly HardResourceLimits: " + LIMITS.format("HardResourceLimits")],
    "nix-darwin-daemon": ["partly ProcessType: ProcessType: a hint: niceness and I/O priority",
                          "partly SoftResourceLimits: " + LIMITS.format("SoftResourceLimits")],
    "pm2": ["remark LaunchOnlyOnce: it runs only once, so KeepAlive does not restart it"],
    "home-manager-agent": ["partly LimitLoadToSessionType: LimitLoadToSessionType: there is no "
                           "login window: Aqua is what a user asks for"],
    "newsyslog-style": [
        "no effect EnableTransactions: EnableTransactions has no effect: every job gets SIGTERM "
        "first",
        "ignored EnvironmentalVariables: Unknown key for dictionary: EnvironmentalVariables"],
}


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """``{"when.run_at_load": …}``; sockets as their paths."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("when", "process") or (name == "keep_alive" and isinstance(value, dict)):
            found |= flat(value, f"{prefix}{name}.")
        elif name == "sockets":
            found[prefix + name] = {key: [socket["path"] for socket in sockets]
                                    for key, sockets in value.items()}
        else:
            found[prefix + name] = value
    return found


def test_every_fixture_is_described() -> None:
    assert sorted(path.stem for path in PLISTS.glob("*.plist")) == sorted(SHIPPED)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_it_means_what_its_authors_mean(name: str) -> None:
    path = str(PLISTS / f"{name}.plist")
    result = load(path)
    default = flat(plain(Job("", path)))
    default |= {f"when.keep_alive.{key}": value for key, value in plain(KeepAlive()).items()}
    found = {key: value for key, value in flat(plain(result.job)).items()
             if value != default[key]}
    assert found == SHIPPED[name]
    assert texts(result) == NOTES.get(name, [])


@pytest.mark.parametrize(("name", "at_load"), [
    ("org.nixos.nix-daemon", True), ("nix-installer-hook", True), ("nix-darwin-daemon", True),
    ("home-manager-agent", False), ("pm2", True), ("newsyslog-style", False),
])
def test_what_starts_at_load(name: str, at_load: bool) -> None:
    assert load(str(PLISTS / f"{name}.plist")).job.starts_at_load is at_load
