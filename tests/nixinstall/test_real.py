"""The real installers, from a copy of the NixOS/nix repository at $NIX_SOURCE, with Debian's Nix
as what they install. Their code is in no commit of ours."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.darwin.root import Result
from tests.evidence.notes import note_versions
from tests.nixinstall.site import COUNT, INSTALLER, Site, marks

pytestmark = [pytest.mark.root, pytest.mark.skipif(
    not os.environ.get("NIX_SOURCE"), reason="set NIX_SOURCE to a git repository of NixOS/nix")]

#: Name in the release -> name in the repository, as the release's build copies them.
FILES = {"install": "install-nix-from-tarball.sh", "install-multi-user": "install-multi-user.sh",
         "install-darwin-multi-user.sh": "install-darwin-multi-user.sh",
         "create-darwin-volume.sh": "create-darwin-volume.sh"}
#: Version -> whether it wants a newer macOS than the root says it is.
VERSIONS = {"2.26.3": False, "2.34.7": False, "2.35.2": True}
#: From 2.34 on the manual is installed by itself.
PROFILE = {"2.26.3": "nix-2.8.0\nnss-cacert-3.1\n"}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest, site: Site) -> str:
    """A version whose real scripts lie at INSTALLER; the root has no Nix."""
    show = ["git", "-C", os.environ["NIX_SOURCE"], "show"]
    site.scripts({
        name: subprocess.run([*show, f"{request.param}:scripts/{source}"], check=True,
                             capture_output=True, text=True).stdout
        for name, source in FILES.items()})
    site.nix("uninstall")
    site.configure()
    note_versions([f"nix-installer=={request.param}"])
    return request.param


def install(site: Site, version: str) -> Result:
    """Install it; one that wants a newer macOS without its outer script."""
    if not VERSIONS[version]:
        return site.install("--json")
    refused = json.loads(site.install("--json").stdout)
    assert [one["code"] for one in refused["obstacles"]] == ["version"]
    return site.nix("install", "--direct", "--json", INSTALLER, env={
        "NIX_USER_COUNT": str(COUNT), "NIX_INSTALLER_NO_CHANNEL_ADD": "1"})


def test_in_and_out(site: Site, version: str) -> None:
    before = site.state()
    result = install(site, version)
    assert result.returncode == 0, result.stdout + result.stderr[-3000:]
    assert "Alright! We're done!" in result.stderr
    found = json.loads(result.stdout)
    assert found["installer"]["uids"] == "separate"
    assert set(marks(found).values()) == {True}
    query = site.nix("run", "--", "nix-env", "--query", "--profile",
                     "/nix/var/nix/profiles/default")
    assert query.stdout == PROFILE.get(version, "nix-2.8.0\nnix-manual-2.8.0\nnss-cacert-3.1\n")
    assert site.nix("uninstall").returncode == 0
    assert site.state() == before


def test_it_stops_where_a_command_fails(site: Site, version: str) -> None:
    with site.failing("/bin/launchctl", "kickstart", 113, "Could not find service"):
        result = install(site, version)
    found = json.loads(result.stdout)["installer"]
    assert result.returncode == 1
    assert found["step"] == "Setting up the nix-daemon LaunchDaemon"
    assert found["command"] == "env launchctl kickstart -k system/org.nixos.nix-daemon"
    assert (found["status"], found["command_status"]) == (1, 113)
    assert found["said"][-1] == "Could not find service"
