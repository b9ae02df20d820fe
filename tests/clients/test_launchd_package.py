"""The PyPI package `launchd`: its own tests, unmodified, against our launchctl.

It asks launchd through pyobjc's ServiceManagement, which only macOS has: a stand-in with the four
names that it uses asks launchctl instead.  The jobs that its tests expect of every Mac are there.
"""

from __future__ import annotations

import plistlib
import zipfile
from collections.abc import Iterator

import pytest

from tests.clients import registry
from tests.clients.conftest import fetched
from tests.darwin import tree
from tests.darwin.fixture import counted_root
from tests.darwin.requirements import PYTHON
from tests.darwin.root import DarwinRoot, Result

pytestmark = pytest.mark.root

BRIDGE = "/opt/pyobjc"
SERVICE_MANAGEMENT = """
import plistlib
import subprocess


def SMJobCopyDictionary(domain, label):
    shown = subprocess.run(["launchctl", "list", "-x", label], capture_output=True)
    return plistlib.loads(shown.stdout) if shown.returncode == 0 else None


def SMCopyAllJobDictionaries(domain):
    rows = subprocess.run(["launchctl", "list"], capture_output=True, check=True).stdout
    labels = [row.split("\\t")[2] for row in rows.decode().splitlines()[1:]]
    return [SMJobCopyDictionary(domain, label) for label in labels]
"""
APPKIT = """
import ServiceManagement


class NSRunningApplication:
    def __init__(self, pid):
        self._pid = pid

    def processIdentifier(self):
        return self._pid

    @classmethod
    def runningApplicationsWithBundleIdentifier_(cls, name):
        jobs = ServiceManagement.SMCopyAllJobDictionaries(None)
        return [cls(job["PID"]) for job in jobs if job["Label"].lower() == name and "PID" in job]
"""
STAND_INS = {
    "ServiceManagement.py": SERVICE_MANAGEMENT,
    "AppKit.py": APPKIT,
    "Foundation.py": "class NSDictionary: ...\nclass NSArray: ...\nclass NSURL: ...\n",
    "objc/__init__.py": "class pyobjc_unicode: ...\n",
    "objc/_pythonify.py": "class OC_PythonLong: ...\nclass OC_PythonFloat: ...\n",
}
#: What every Mac has loaded, as far as the package's tests look at it.
JOBS = ("com.apple.Finder", "com.apple.configd", "com.apple.kextd")
# sys.platform is fixed when Python is built; the tests skip themselves where it is not darwin.
RUNNER = "import sys; sys.platform = 'darwin'; import unittest; unittest.main(module=None)"


@pytest.fixture(scope="module")
def mac(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root with those jobs in the boot directory, and one that does not run."""
    needed = fetched(lambda: registry.python_packages("launchd-needs", "six"))
    with counted_root(request.node.nodeid) as root:
        root.install(tree.copy_of(needed, BRIDGE))
        root.install([tree.text(f"{BRIDGE}/{name}", text) for name, text in STAND_INS.items()])
        for label in JOBS:
            content = plistlib.dumps({"Label": label, "KeepAlive": label != JOBS[-1],
                                      "ProgramArguments": ["/bin/sleep", "1000"]})
            root.install([tree.text(f"/System/Library/LaunchDaemons/{label}.plist",
                                    content.decode())])
        root.must("mkdir", "-p", "/var/root/Library/LaunchAgents")
        yield root


def own_tests(root: DarwinRoot, version: str, modules: list[str]) -> Result:
    """Lay one version of the package into the root and run its tests there."""
    package = fetched(lambda: registry.python_archive(f"launchd=={version}"))
    (file,) = package.glob("*.whl")
    place = f"/opt/launchd-{version}"
    with zipfile.ZipFile(file) as wheel:
        root.install([tree.Entry(f"{place}/{name}", data=wheel.read(name))
                      for name in wheel.namelist()])
    names = [f"launchd.tests.{name}" for name in modules]
    return root.run([PYTHON, "-c", RUNNER, "-v", *names], env={"PYTHONPATH": f"{place}:{BRIDGE}"})


@pytest.mark.parametrize(("version", "modules", "count"), [
    ("0.3.0", ["cmd", "launchctl", "plist"], 11),  # the last that asks launchd for every job
    ("1.0.0", ["test_cmd", "test_launchctl", "test_plist"], 13),
])
def test_its_own_tests_pass(mac: DarwinRoot, version: str, modules: list[str], count: int) -> None:
    result = own_tests(mac, version, modules)
    assert result.returncode == 0, result.stderr
    assert f"Ran {count} tests" in result.stderr
    assert "skipped" not in result.stderr
