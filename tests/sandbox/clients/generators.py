"""The texts of profiles that programs from the registries ship, or write when asked.

All raise registry.RegistryUnreachable where a registry, npm or node cannot be had.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import tarfile
import zipfile
from pathlib import Path

from tests.clients import registry
from tests.darwin.requirements import PYTHON

#: What the sandbox runtime is asked for.
REQUEST = {
    "command": "echo hi", "needsNetworkRestriction": True, "httpProxyPort": 3128,
    "socksProxyPort": 1080, "allowUnixSockets": ["/private/tmp/agent.sock"],
    "allowLocalBinding": False, "readConfig": {"denyOnly": ["/Users/me/.ssh"]},
    "writeConfig": {"allowOnly": ["/Users/me/work", "/private/tmp/scratch"],
                    "denyWithinAllow": ["/Users/me/work/.git/hooks", "/Users/me/work/**/*.lock"]},
    "binShell": "/bin/bash",
}
_RUNTIME = """\
const { wrapCommandWithSandboxMacOS } = await import(process.argv[1]);
console.log(await wrapCommandWithSandboxMacOS(JSON.parse(process.argv[2])));
"""
#: Network mode -> the port of the proxy that hozo has started.
_HOZO_PORTS = {"none": None, "proxy": 3128, "host": None}
_HOZO = """\
import sys
sys.path.insert(0, sys.argv[1])
from hozo.policy import ResolvedPolicy
from hozo.profiles import Bind
from hozo.seatbelt import build_seatbelt_profile
policy = ResolvedPolicy(network_mode=sys.argv[2], binds=[
    Bind(source="/Users/me/work", mode="rw"), Bind(source="/Users/me/sdk", mode="ro")])
print(build_seatbelt_profile(policy, proxy_port=int(sys.argv[3]) if sys.argv[3] else None))
"""


def shipped(package: str, name: str) -> str:
    """The file sandbox-macos-NAME.sb of an npm package NAME@VERSION."""
    (file,) = _packed(package).rglob(f"sandbox-macos-{name}.sb")
    return file.read_text()


def runtime_command(package: str, request: dict[str, object], directory: Path) -> str:
    """The shell command that the sandbox runtime writes for a request, in that directory."""
    (module,) = _packed(package).rglob("macos-sandbox-utils.js")
    return _output(["node", "--input-type=module", "-e", _RUNTIME, str(module),
                    json.dumps(request)], directory)


def runtime_profile(package: str, directory: Path) -> str:
    """The profile in that command."""
    words = shlex.split(runtime_command(package, REQUEST, directory))
    return words[words.index("-p") + 1]


def hozo_profile(package: str, mode: str) -> str:
    """The profile that hozo writes for a network mode."""
    place = registry.python_archive(package, "--only-binary=:all:")
    (wheel,) = place.glob("*.whl")
    library = place / "unpacked"
    if not library.exists():
        with zipfile.ZipFile(wheel) as content:
            content.extractall(library)
    port = _HOZO_PORTS[mode]
    return _output([PYTHON, "-c", _HOZO, str(library), mode, str(port or "")], place)


def _packed(package: str) -> Path:
    """A directory with the profiles and the scripts of an npm package; nothing of it is run."""
    def fill(directory: Path) -> None:
        _output(["npm", "pack", "--silent", package], directory)
        (archive,) = directory.glob("*.tgz")
        with tarfile.open(archive) as tar:
            wanted = [member for member in tar
                      if member.name.endswith((".sb", "/package.json"))
                      or member.name.startswith("package/dist/") and member.name.endswith(".js")]
            tar.extractall(directory, wanted, filter="data")
        archive.unlink()

    return registry.kept(package, (), fill)


def _output(command: list[str], directory: Path) -> str:
    try:
        result = subprocess.run(command, cwd=directory, capture_output=True, text=True,
                                timeout=registry.LIMIT, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise registry.RegistryUnreachable(f"{command[0]}: {error}") from error
    if result.returncode != 0:
        raise registry.RegistryUnreachable(f"{command[0]}: {result.stderr.strip()}")
    return result.stdout
