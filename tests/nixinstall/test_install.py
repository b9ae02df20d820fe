"""Installation, health, use and removal in a root of its own, and every way to fail."""

from __future__ import annotations

import json
import plistlib
import re
from collections.abc import Iterator

import pytest

from dirserv.nix import health, places
from tests.darwin import tree
from tests.nixinstall.site import COUNT, INSTALLER, SCRIPTS, Site, marks

pytestmark = pytest.mark.root


@pytest.fixture
def fresh(site: Site) -> Iterator[Site]:
    """The root without a Nix, with our installer's own scripts."""
    site.nix("uninstall")
    site.configure()
    yield site
    site.scripts({path.name: path.read_text() for path in SCRIPTS.iterdir()})


def test_a_plan_changes_nothing(fresh: Site) -> None:
    before = fresh.state()
    result = fresh.install("--dry-run")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        f"would run: /bin/sh {INSTALLER}/install --daemon --yes --no-channel-add "
        f"--daemon-user-count {COUNT}\n")
    assert fresh.state() == before


def test_in_and_out_again(fresh: Site) -> None:
    before = fresh.state()
    result = fresh.install()
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    steps = re.findall("~~> (.*)\033", result.stdout)
    assert len(steps) == 7 + COUNT
    assert "\n    $ sudo launchctl kickstart -k system/org.nixos.nix-daemon\n" in result.stdout
    table = result.stdout.partition("Alright! We're done!\n")[2].splitlines()
    assert table[0].startswith("Nix 2.8.0: the installer ended well; its output is in ")
    assert [line.split()[:2] for line in table[1:]] == [["ok", name] for name in health.NAMES]
    assert fresh.root.read(table[0].split()[-1]) + "\n".join(table) + "\n" == result.stdout

    assert set(fresh.checks().values()) == {True}
    assert "dirserv-verify" not in fresh.root.must("ls", "/nix/store"), "nothing stays behind"
    again = json.loads(fresh.install("--json").stdout)
    assert [one["code"] for one in again["obstacles"]] == ["backup", "backup", "earlier", "earlier"]

    planned = fresh.nix("uninstall", "--dry-run").stdout.splitlines()
    assert "would do: /etc/bashrc: restore it from its backup" in planned
    assert fresh.checks()["build"] is True, "a plan changes nothing"
    done = fresh.nix("uninstall")
    assert done.stdout.splitlines() == [line.replace("would do", "done") for line in planned]
    assert fresh.state() == before
    assert fresh.nix("uninstall").stdout == "/: there is no Nix\n"
    assert fresh.checks() == {name: False if name in
                              ("group", "store", "shell-profiles", "nix.conf", "plist") else None
                              for name in health.NAMES}


def test_a_command_runs_with_nix_loaded(fresh: Site) -> None:
    assert fresh.install().returncode == 0
    result = fresh.nix("run", "--", "sh", "-c", 'cat; nix-instantiate --eval --expr "1 + 1"; '
                       'echo "$1" >&2; exit 7', "sh", "it's $HOME", input="given\n")
    assert (result.returncode, result.stdout, result.stderr) == (7, "given\n2\n", "it's $HOME\n")
    assert fresh.nix("run", "--", "no-such-command").returncode == 127


#: Program, its word, status, what it says -> the step, and a check that is then good or bad.
FAULTS = {
    "group": ("/usr/sbin/dseditgroup", "-o", 73, "no group today",
              "Setting up the build group nixbld", "group", False),
    "load": ("/bin/launchctl", "load", 5, "Load failed: 5: Input/output error",
             "Setting up the nix-daemon LaunchDaemon", "plist", True),
    "start": ("/bin/launchctl", "kickstart", 113, "Could not find service",
              "Setting up the nix-daemon LaunchDaemon", "nix.conf", True),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_step_fails(fresh: Site, fault: str) -> None:
    program, word, status, said, step, check, good = FAULTS[fault]
    with fresh.failing(program, word, status, said):
        result = fresh.install("--json", "--force")
        found = json.loads(result.stdout)
    installer = found["installer"]
    assert result.returncode == 1
    assert (installer["status"], installer["command_status"]) == (1, status)
    assert installer["command"].startswith(f"env {program}" if fault == "group"
                                           else f"env launchctl {word}")
    assert (installer["step"], installer["said"][-1]) == (step, said)
    assert installer["next"].endswith("darling-dirserv nix uninstall, then nix install once more")
    assert marks(found)[check] is good
    assert "build" not in marks(found), "a half installed Nix is not put to work"
    missing = [name for name, ok in marks(found).items() if ok is False]
    assert bool(missing) is (fault != "start"), "launchd had started it at load"


def test_the_report_for_people(fresh: Site) -> None:
    program, word, status, said, step, *_ = FAULTS["start"]
    with fresh.failing(program, word, status, said):
        result = fresh.install()
    report = result.stdout.partition("---- oh no! ----\nThat did not work.\n")[2].splitlines()
    assert report[:8] == [
        "Nix 2.8.0: the installer stopped with status 1",
        f"  step     {step}",
        "  command  env launchctl kickstart -k system/org.nixos.nix-daemon (status 113)",
        "  said     start",
        f"  said     {said}",
        "  log      /var/root/.local/state/darling-dirserv/nix-install.log",
        "  next     look at /var/log/nix-daemon.log and /private/var/log/launchd.log; when that is "
        "done: darling-dirserv nix uninstall, then nix install once more",
        "what is done of its steps:",
    ]
    assert report[8].startswith("ok      group ")


def test_the_daemon_does_not_come_up(fresh: Site) -> None:
    with fresh.failing("/bin/launchctl", "load", 0, ""), \
            fresh.failing("/bin/launchctl.real", "kickstart", 0, ""):
        result = fresh.install("--json")
    found = json.loads(result.stdout)
    assert (result.returncode, found["installer"]["status"]) == (1, 0)
    bad = {row["check"]: row for row in found["checks"] if row["ok"] is False}
    assert list(bad) == ["job"]
    assert "launchctl load" in bad["job"]["next"]
    assert marks(found)["build"] is None


#: What is broken by hand -> the check that finds it, and what it says.
BROKEN = {
    "dscl . -delete /Users/_nixbld2": ("users", "members of nixbld that do not exist: _nixbld2"),
    "dscl . -delete /Groups/nixbld GroupMembership _nixbld3": (
        "users", "not listed in the group nixbld: _nixbld3"),
    "dscl . -create /Users/_nixbld1 PrimaryGroupID 20": (
        "ids", "their primary group is not nixbld: _nixbld1"),
    "sed -i s/,_nixbld2// /etc/group": (
        "users", "not listed in the group nixbld: _nixbld2"),  # the edit was taken over
    "mv /nix/var/nix/profiles/default /nix/x": (
        "profile", "/nix/var/nix/profiles/default holds no nix-daemon"),
    "launchctl unload /Library/LaunchDaemons/org.nixos.nix-daemon.plist": (
        "job", "launchd does not know the job: Could not find service "
        '"org.nixos.nix-daemon" in domain for system'),
    "mv /nix/var/nix/userpool /nix/y; "
    "touch /nix/var/nix/userpool": ("build", "error: "),
}


@pytest.mark.parametrize("damage", BROKEN)
def test_health_names_what_is_broken(fresh: Site, damage: str) -> None:
    assert fresh.install().returncode == 0
    check, said = BROKEN[damage]
    fresh.root.must("sh", "-c", damage)
    result = fresh.nix("verify", "--json")
    row = next(row for row in json.loads(result.stdout)["checks"] if row["ok"] is False)
    assert (result.returncode, row["check"]) == (1, check), row
    assert said in row["text"] and row["next"]
    fresh.root.must("sh", "-c", "rm -rf /nix/x /nix/y")


def test_a_daemon_that_ends_at_once_is_named(fresh: Site) -> None:
    assert fresh.install().returncode == 0
    job = plistlib.loads(fresh.root.read(places.PLIST).encode())
    job["ProgramArguments"] = ["/bin/sh", "-c", "echo broken >&2; sleep 1000"]
    fresh.root.must("launchctl", "unload", places.PLIST)
    fresh.root.install([tree.text(places.PLIST, plistlib.dumps(job).decode())])
    fresh.root.must("launchctl", "load", places.PLIST)
    row = next(row for row in json.loads(fresh.nix("verify", "--json").stdout)["checks"]
               if row["ok"] is False)
    assert row["check"] == "socket"
    assert "Connection refused; /var/log/nix-daemon.log ends: " in row["text"]
    assert row["text"].endswith(" broken")


def test_a_newer_macos_is_wanted(fresh: Site) -> None:
    fresh.scripts({"install": (SCRIPTS / "install").read_text().replace("@macos@", "14")})
    result = fresh.install()
    assert (result.returncode, result.stdout) == (1, (
        "version       Nix 2.8.0 wants macOS 14.0, sw_vers says 11.7.4; next: darling-dirserv "
        "install --prefix / --system-version 14.5 for good, or --direct to pass the question by\n"
        "nothing was changed; --force goes on all the same\n"))
    forced = json.loads(fresh.install("--force", "--json").stdout)["installer"]
    assert forced["said"][-1].endswith("macOS 11.7.4 is not supported, upgrade to 14.0 or higher")
    assert forced["next"].startswith("darling-dirserv install --system-version")
    refused = fresh.install("--direct")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "set its variables, such as NIX_USER_COUNT" in refused.stderr
    direct = fresh.nix("install", "--direct", "--json", INSTALLER, env={
        "NIX_USER_COUNT": "2", "NIX_INSTALLER_NO_CHANNEL_ADD": "1"})
    assert direct.returncode == 0, direct.stderr
    assert set(marks(json.loads(direct.stdout)).values()) == {True}
    assert json.loads(direct.stdout)["installer"]["uids"] == "separate", "the kernel's uids"


def test_a_backup_is_left_over(fresh: Site) -> None:
    fresh.root.must("sh", "-c", "echo other >/etc/bashrc.backup-before-nix")
    try:
        result = fresh.install()
        assert result.returncode == 1
        assert result.stdout.startswith(
            "backup        /etc/bashrc.backup-before-nix is left from an earlier installation")
        forced = json.loads(fresh.install("--force", "--json").stdout)["installer"]
        assert forced["step"] == "Checking for artifacts of previous installs"
        assert (forced["status"], forced["command_status"]) == (1, None)
        assert "nix uninstall takes the old installation away" in forced["next"]
        assert fresh.nix("uninstall").stdout == "done: /etc/nix: remove\n", "whose is the backup?"
    finally:
        fresh.root.must("rm", "/etc/bashrc.backup-before-nix")


def test_what_is_not_nixs_stays(fresh: Site) -> None:
    assert fresh.install().returncode == 0
    fresh.root.must("sh", "-c", "echo alias x=y >>/etc/bashrc; mkdir /nix/other; "
                    "printf 'nix\\nopt\\n' >/etc/synthetic.conf; "
                    "dscl . -create /Users/_nixbldx UniqueID 777")
    result = fresh.nix("uninstall")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "/nix stays for what else is in it: other"
    assert fresh.root.read("/etc/bashrc") == "PS1=x\nalias x=y\n"
    assert fresh.root.read("/etc/synthetic.conf") == "opt\n"
    assert fresh.root.must("sh", "-c", "ls /nix; dscl . -list /Users | grep nixbld").split() == [
        "other", "_nixbldx"]
    fresh.root.must("sh", "-c", "rmdir /nix/other; rm /etc/synthetic.conf; "
                    "printf 'PS1=x\\n' >/etc/bashrc; dscl . -delete /Users/_nixbldx")


def test_a_step_of_the_removal_fails(fresh: Site) -> None:
    assert fresh.install().returncode == 0
    fresh.root.must("mount", "--bind", "/nix/var", "/nix/var")
    result = fresh.nix("uninstall")
    assert result.returncode == 2
    assert "/nix: remove store and state: status 1: rm: " in result.stderr
    assert result.stderr.endswith("; set that right and run it again\n")
    fresh.root.must("umount", "/nix/var")
    assert fresh.nix("uninstall").returncode == 0


@pytest.mark.parametrize(("option", "name"), [("-J", "nix.tar.xz"), ("-z", "nix.tar.gz")])
def test_a_tarball(fresh: Site, option: str, name: str) -> None:
    parent, _, directory = INSTALLER.rpartition("/")
    fresh.root.must("tar", "-c", option, "-f", f"/tmp/{name}", "-C", parent, directory)
    result = fresh.nix("install", "--dry-run", "--json", f"/tmp/{name}")
    found = json.loads(result.stdout)
    assert (result.returncode, found["version"], found["obstacles"]) == (0, "2.8.0", [])
    assert "darling-dirserv-nix" not in fresh.root.must("ls", "/tmp"), "unpacked for a while"


def test_a_tarball_that_leads_out(fresh: Site) -> None:
    fresh.root.must("sh", "-c", "mkdir -p /tmp/a/b && echo x >/tmp/evil && cd /tmp/a/b && "
                    "tar -c -P -f /tmp/evil.tar ../../evil && rm /tmp/evil")
    result = fresh.nix("install", "/tmp/evil.tar")
    assert (result.returncode, result.stdout) == (2, "")
    assert "/tmp/evil.tar cannot be unpacked: " in result.stderr and "'..'" in result.stderr
    assert not fresh.root.exists("/tmp/evil")
