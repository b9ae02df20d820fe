"""The whole way through a program that plays `darling shell`, in a root where, as in Darling, all
programs have one real uid; and through a chroot into a tree."""

from __future__ import annotations

import json
import plistlib

import pytest

from dirserv.nix import places
from tests.darwin import tree
from tests.nixinstall.site import CONFIGURATION, COUNT, INSTALLER, Site, marks
from tests.nixinstall.test_parts import DARLING, ID, SUDO

pytestmark = pytest.mark.root

PROGRAM = "/usr/local/bin/darling"
TREE = "/srv/mac"


@pytest.fixture
def darling(site: Site) -> Site:
    """The root with Darling's ways, and no Nix."""
    site.nix("uninstall")
    site.root.install([
        tree.program(PROGRAM, DARLING.format(tools="/tools")),
        tree.program("/usr/bin/sudo", SUDO["one"]),
        tree.program("/tools/id", ID),
        tree.link("/Volumes/SystemRoot", "/"),
    ])
    # What the emulation shows to uid 0 is uid 0's; here that is so, as nobody else exists.
    site.root.must("sh", "-c", "rm -rf /etc/nix; mkdir -p /private/tmp")
    return site


def called(site: Site, *words: str, input: str = "") -> tuple[int, str, str]:
    """`darling-dirserv nix` through the program: status, output, errors."""
    action, *more = words
    result = site.nix(action, "--darling", PROGRAM, *more, input=input)
    return result.returncode, result.stdout, result.stderr


def test_where_all_have_one_uid_nix_builds_without_build_users(darling: Site) -> None:
    words = [INSTALLER, "--", "--no-channel-add", "--daemon-user-count", str(COUNT)]
    status, out, _ = called(darling, "install", "--json", *words)
    assert status == 1
    assert [one["text"] for one in json.loads(out)["obstacles"]] == [
        "this Nix is for Linux, the prefix runs macOS x86_64"]

    # NIX_EXTRA_CONF comes too late for the installer's own builds.
    darling.root.install([tree.text("/var/root/.config/nix/nix.conf", CONFIGURATION)])
    status, out, err = called(darling, "install", "--force", "--json", *words)
    assert status == 0, out + err[-3000:]
    found = json.loads(out)
    assert found["installer"]["uids"] == "one"
    assert set(marks(found).values()) == {True}
    assert "building '/nix/store/" in err, "the installer itself built its profile"

    root = darling.root
    job = plistlib.loads(root.read(places.PLIST).encode())
    assert job["EnvironmentVariables"] == {"NIX_CONFIG": "build-users-group ="}
    assert root.must("launchctl", "getenv", "NIX_CONFIG") == ""
    pid = root.must("launchctl", "print", "system/org.nixos.nix-daemon").partition("pid = ")[2]
    environment = root.must("cat", f"/proc/{pid.split()[0]}/environ").split("\0")
    assert "NIX_CONFIG=build-users-group =" in environment

    script = ('nix-build --no-out-link --expr \'derivation { name = "who"; system = '
              'builtins.currentSystem; builder = "/bin/sh"; '
              'args = [ "-c" "/usr/bin/id -u >$out" ]; }\' | xargs cat; echo "$NIX_CONFIG"')
    status, out, err = called(darling, "run", "--", "sh", "-c", script)
    assert (status, out) == (0, "0\nbuild-users-group =\n"), err
    assert called(darling, "run", "--", "cat", input="it's\n")[:2] == (0, "it's\n")
    assert called(darling, "verify")[0] == 0
    assert called(darling, "uninstall")[0] == 0
    assert called(darling, "uninstall")[1] == "/: there is no Nix\n"


def test_a_failed_installer_leaves_no_setting_behind(darling: Site) -> None:
    with darling.failing("/usr/sbin/dseditgroup", "-o", 73, "no group today"):
        status, out, _ = called(darling, "install", "--force", "--json", INSTALLER)
    assert (status, json.loads(out)["installer"]["command_status"]) == (1, 73)
    assert darling.root.must("launchctl", "getenv", "NIX_CONFIG") == ""


def test_a_socket_as_standard_input_is_refused(darling: Site) -> None:
    script = ("import os, socket, sys; a, b = socket.socketpair(); os.dup2(a.fileno(), 0); "
              "os.execv(sys.argv[1], sys.argv[1:])")
    result = darling.root.run(["python3", "-c", script, "/usr/local/bin/darling-dirserv", "nix",
                               "run", "--prefix", "/", "--darling", PROGRAM, "--", "true"])
    assert (result.returncode, result.stdout) == (2, "")
    assert "standard input is a socket" in result.stderr


def test_a_tree_is_entered_by_chroot(site: Site) -> None:
    """The tree is the root itself a second time, without what its /dev and /proc hold."""
    site.nix("uninstall")
    site.configure()
    site.root.must("sh", "-c", f"mkdir -p {TREE} /elsewhere && mount --rbind / {TREE} && "
                   f"umount -l {TREE}/dev {TREE}/proc && mv {INSTALLER} /elsewhere/nix")
    before = site.root.must("sh", "-c", f"cat /proc/self/mounts; ls {TREE}/tmp")
    result = site.nix("install", "--json", "--prefix", TREE, "/elsewhere/nix", "--",
                      "--no-channel-add", "--daemon-user-count", str(COUNT))
    assert result.returncode == 0, result.stdout + result.stderr[-3000:]
    assert set(marks(json.loads(result.stdout)).values()) == {True}
    said = site.nix("run", "--prefix", TREE, "--", "sh", "-c", "cat; exit 3", input="x")
    assert (said.returncode, said.stdout) == (3, "x")
    assert site.nix("uninstall", "--prefix", TREE).returncode == 0
    assert site.root.must("sh", "-c", f"cat /proc/self/mounts; ls {TREE}/tmp") == before
