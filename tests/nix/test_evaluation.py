"""What the Nix files say, according to Nix."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

import dirserv
from dirserv.admin.main import parser
from tests.darwin.layout import CHECKOUT
from tests.nix.conftest import Instantiate, Result, value

FILES = sorted(str(file.relative_to(CHECKOUT)) for place in ("flake.nix", "nix", "tests/nix")
               for file in [CHECKOUT / place, *(CHECKOUT / place).glob("*.nix")]
               if file.suffix == ".nix")
EXAMPLE = (CHECKOUT / "nix/example.nix").read_text()
#: Nix's names of the files in its store.
STORE = re.compile(r"/\S*/[0-9a-z]{32}-")

#: What pyproject.toml asks for only to judge the style.
LINTERS = {"mypy", "ruff"}


@pytest.mark.parametrize("file", FILES)
def test_parses(instantiate: Instantiate, file: str) -> None:
    result = instantiate("--parse", file)
    assert result.returncode == 0, result.stderr


def test_a_fault_is_seen(instantiate: Instantiate, tmp_path: Any) -> None:
    broken = tmp_path / "broken.nix"
    broken.write_text(EXAMPLE.replace("}", "", 1))
    assert instantiate("--parse", str(broken)).returncode != 0


def test_flake_outputs(instantiate: Instantiate) -> None:
    both = {"aarch64-linux": ["darling-dirserv", "default"],
            "x86_64-linux": ["darling-dirserv", "default"]}
    assert value(instantiate("--eval", "--strict", "--json", "tests/nix/flake.nix")) == {
        "apps": both,
        "checks": {system: ["man", "tests", "vm"] for system in both},
        "devShells": {system: ["default"] for system in both},
        "formatter": sorted(both),
        "nixosModules": {"darling-builder": "", "default": ""},
        "overlays": {"default": ""},
        "packages": both,
    }


# -- the package -------------------------------------------------------------------------------

def names(requirements: list[str]) -> list[str]:
    """The packages that requirements name."""
    return sorted(re.match(r"[\w-]+", one)[0] for one in requirements)  # type: ignore[index]


def test_package_is_what_pyproject_says(instantiate: Instantiate) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    build = names(project["build-system"]["requires"])
    run = names(project["project"]["dependencies"])
    tests = names(project["project"]["optional-dependencies"]["test"])
    known = " ".join(f'"{name}"' for name in {*build, *run, *tests, "pytestCheckHook"})
    asked = value(instantiate("--eval", "--strict", "--json", "tests/nix/package.nix",
                              "--arg", "names", f"[ {known} ]"))
    assert asked["version"] == dirserv.__version__
    assert (sorted(asked["build-system"]), sorted(asked["dependencies"])) == (build, run)
    # The hook is pytest, and what the package needs to build and to run is there anyway.
    hook = {"pytestCheckHook", *asked["nativeCheckInputs"]} - {"pytest"}
    assert hook == {"pytestCheckHook", *tests} - {"pytest", *LINTERS, *build, *run}
    assert asked["outputs"] == ["out", "man"]
    assert asked["meta"]["mainProgram"] in project["project"]["scripts"]
    assert asked["meta"]["description"] == project["project"]["description"]


# -- the modules -------------------------------------------------------------------------------

def test_example_services(evaluate: Callable[[str], Result]) -> None:
    found = value(evaluate(EXAMPLE))
    assert found["packages"] == ["/package"]
    scripts = {name: STORE.sub("/STORE/", unit.pop("script"))
               for name, unit in found["units"].items()}
    assert scripts == {
        "darling-dirserv-builder":
            "/package/bin/darling-dirserv install --prefix /home/builder/.darling"
            " --python /python/bin/python3 --libexec /opt/darling/libexec/darling"
            " --system-version 14.5 --without sudo --without xmllint\n"
            "/package/bin/darling-dirserv sandbox mode --root /home/builder/.darling enforce"
            " --no-strict\n"
            "/package/bin/darling-dirserv nixbld create --root /home/builder/.darling"
            " --count 8 --first-uid 351 --gid 350",
        "darling-dirserv-trial":
            "/package/bin/darling-dirserv install --prefix '/srv/trial tree'"
            " --python /python/bin/python3",
    }
    common = {"wantedBy": ["multi-user.target"]}
    oneshot = {"NoNewPrivileges": True, "RemainAfterExit": True, "Type": "oneshot"}
    about = "macOS account, service and sandbox commands in "
    assert found["units"] == {
        "darling-dirserv-builder": {
            **common, "description": about + "/home/builder/.darling", "serviceConfig": oneshot,
            "unitConfig": {"RequiresMountsFor": '"/home/builder/.darling"'}},
        "darling-dirserv-trial": {
            **common, "description": about + "/srv/trial tree",
            "serviceConfig": {**oneshot, "User": "tester"},
            "unitConfig": {"RequiresMountsFor": '"/srv/trial tree"'}},
    }


def test_the_command_lines_are_ones_that_the_command_takes(
    evaluate: Callable[[str], Result],
) -> None:
    units = value(evaluate(EXAMPLE))["units"].values()
    lines = [shlex.split(line) for unit in units for line in unit["script"].splitlines()]
    assert len(lines) == 4
    for command, *words in lines:
        assert command == "/package/bin/darling-dirserv"
        parser().parse_args(words)


def test_example_build_machine(evaluate: Callable[[str], Result]) -> None:
    found = value(evaluate(EXAMPLE))
    assert found["distributed"] is True
    assert found["machines"] == [{
        "hostName": "localhost", "protocol": "ssh-ng", "sshUser": "builder",
        "sshKey": "/etc/nix/darling-builder", "publicHostKey": None, "maxJobs": 2,
        "systems": ["x86_64-darwin"], "supportedFeatures": []}]
    keys = {user: [STORE.sub("/STORE/", key) for key in keys]
            for user, keys in found["keys"].items()}
    assert keys == {"builder": [
        'restrict,command="/bash/bin/bash /STORE/serve.sh /run/wrappers/bin/darling'
        ' /home/builder/.darling" ssh-ed25519 AAAAC3Nz nix']}


def test_defaults(evaluate: Callable[[str], Result]) -> None:
    found = value(evaluate('{ programs.darling-dirserv.prefixes.one.path = "/one"; }'))
    assert found == {
        "distributed": False, "keys": {}, "machines": [], "packages": [], "units": {},
        "options": {"enable": False, "package": "/package", "prefixes": {"one": {
            "path": "/one", "owner": None, "python": "/python/bin/python3", "libexec": None,
            "without": [], "systemVersion": None, "sandbox": {"mode": None, "strict": False},
            "nixbld": {"enable": False, "count": 32, "firstUid": 351, "gid": 350}}}},
    }


@pytest.mark.parametrize(("setting", "named"), [
    ('sandbox.mode = "lenient";', "sandbox.mode"),
    ("sandbox.strict = 1;", "sandbox.strict"),
    ("nixbld.count = 0;", "nixbld.count"),
    ('without = "sudo";', "without"),
    ("fillers = [ ];", "fillers"),
    ("python = null;", "python"),
])
def test_bad_setting_is_named(
    evaluate: Callable[[str], Result], setting: str, named: str
) -> None:
    one = f'path = "/one"; {setting}'
    result = evaluate(f"{{ programs.darling-dirserv.prefixes.one = {{ {one} }}; }}")
    assert result.returncode != 0
    assert f"programs.darling-dirserv.prefixes.one.{named}" in result.stderr


def test_a_prefix_needs_a_path(evaluate: Callable[[str], Result]) -> None:
    result = evaluate("{ programs.darling-dirserv.prefixes.one = { }; }")
    assert result.returncode != 0
    assert "programs.darling-dirserv.prefixes.one.path" in result.stderr
