"""How well-known programs call launchctl and read its answers (spec launchd.md 4, installers.md).

Only the facts of their calls are here: the words, what they look for in the answer, how often and
how long they try.  A `Caller` runs them against our launchctl and a real supervisor.
"""

from __future__ import annotations

import os
import plistlib
import re
import time
from collections.abc import Callable
from pathlib import Path

from tests.clients.shell import Result, Shell, ours
from tests.unit.supervisor.harness import Launchd

SLEEP = ("/bin/sh", "-c", "exec sleep 1000")
# A sudo that leaves the identity as it is: options end at `--` or at the first other word.
SUDO = """
while [ $# -gt 0 ]; do
    case $1 in
    --) shift; break ;;
    -u | --user) shift 2 ;;
    -*) shift ;;
    *) break ;;
    esac
done
exec "$@"
"""



class Caller(Shell):
    """Runs command lines with our launchctl on the PATH, over the root of a supervisor."""

    def __init__(self, launchd: Launchd, commands: Path) -> None:
        self.launchd = launchd
        super().__init__(launchd.root, commands, {"launchctl": ours("launchctl"), "sudo": SUDO})

    def log(self) -> str:
        """The supervisor's log."""
        return self.launchd.log()

    def __call__(self, *argv: str) -> Result:
        """Run `launchctl` with these words."""
        return self.run("launchctl", *argv)

    def plist(self, label: str, program: tuple[str, ...] = SLEEP, where: str = "LaunchDaemons",
              mode: int = 0o644, **keys: object) -> str:
        """Write a property list below /Library; returns its path inside of the root."""
        path = self.root / f"Library/{where}/{label}.plist"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        content = {"Label": label, "ProgramArguments": list(program), **keys}
        path.write_bytes(plistlib.dumps(content))
        path.chmod(mode)
        return f"/Library/{where}/{label}.plist"


# -- the Rust installers (spec launchd.md 4.1, installers.md 3.2) --------------------------------

TRIES = 11
PAUSE = 0.5  # seconds between two tries


def tried(call: Callable[[], Result]) -> int:
    """After how many tries the call was a success; fails after the installers' last one."""
    for attempt in range(1, TRIES + 1):
        if call().returncode == 0:
            return attempt
        time.sleep(PAUSE)
    raise AssertionError(f"not in {TRIES} tries: {call()}")


def retry_bootstrap(caller: Caller, domain: str, label: str, path: str) -> int:
    """How many bootstraps it took; 0 when `print` finds the service already."""
    if caller("print", f"{domain}/{label}").returncode == 0:
        return 0
    return tried(lambda: caller("bootstrap", domain, path))


def retry_bootout(caller: Caller, domain: str, label: str) -> int:
    """How many bootouts it took; 0 when `print` does not find the service."""
    if caller("print", f"{domain}/{label}").returncode != 0:
        return 0
    return tried(lambda: caller("bootout", f"{domain}/{label}"))


def retry_kickstart(caller: Caller, domain: str, label: str) -> int:
    """How many kickstarts it took."""
    return tried(lambda: caller("kickstart", "-k", f"{domain}/{label}"))


def polls_until_gone(caller: Caller, target: str) -> int:
    """How often `print` still found the service after its bootout; 99 is the installers' end."""
    for polls in range(99):
        if caller("print", target).returncode != 0:
            return polls
        time.sleep(0.1)
    raise AssertionError(f"{target} does not go")


def installer_started(result: Result) -> bool | None:
    """The first line that begins with `state`, blanks aside: started unless it says not running."""
    states = (line for line in result.stdout.splitlines() if line.strip().startswith("state"))
    state = next(states, None)
    return None if state is None else "not running" not in state


def installer_disabled(label: str) -> Callable[[Result], bool]:
    """Whether print-disabled says that a label is disabled."""
    return lambda result: f'"{label}" => disabled' in result.stdout


# -- Homebrew, Chef, Puppet, kardianos/service (spec 4.2, 4.3) -----------------------------------

def _first(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found.group(1) if found else None


def brew_print(result: Result) -> tuple[str | None, bool, str | None]:
    """Exit code, whether there is a pid, and the file, as Homebrew finds them in `print`."""
    text = result.stdout
    return (_first(r"last exit code = ([0-9]+)", text),
            _first(r"pid = ([0-9]+)", text) is not None, _first(r"path = (.*)", text))


def brew_list(result: Result) -> tuple[str | None, bool]:
    """The same without the file, of `list LABEL`."""
    text = result.stdout
    return (_first(r'"LastExitStatus"\ =\ ([0-9]*);', text),
            _first(r'"PID"\ =\ ([0-9]*);', text) is not None)


def chef_running(result: Result) -> bool:
    """Whether Chef finds a pid in `list LABEL`."""
    return re.search(r'\s+"pid"\s+=\s+(\d+)', result.stdout.lower()) is not None


def puppet_loaded(result: Result) -> set[str]:
    """The jobs that Puppet finds in `list`: the last word of each line but the header's."""
    return {line.split()[-1] for line in result.stdout.splitlines()} - {"Label"}


def puppet_overrides(root: Path) -> dict[str, bool]:
    """What Puppet reads of the store itself."""
    path = root / "private/var/db/com.apple.xpc.launchd/disabled.plist"
    return plistlib.loads(path.read_bytes())


def puppet_override(root: Path, label: str, disabled: bool) -> None:
    """Puppet's way to enable or disable: it writes the store behind launchd's back."""
    path = root / "private/var/db/com.apple.xpc.launchd/disabled.plist"
    content = {**puppet_overrides(root), label: disabled}
    path.with_suffix(".new").write_bytes(plistlib.dumps(content))
    os.rename(path.with_suffix(".new"), path)


def kardianos(result: Result) -> str | None:
    """The error that kardianos/service makes of a call: any text on stderr is one, but this."""
    if result.returncode != 0 or (
        result.stderr and not result.stderr.endswith("Operation now in progress\n")
    ):
        return result.stderr or f"exit {result.returncode}"
    return None


def kardianos_status(result: Result) -> str:
    """Its reading of `list NAME`."""
    if result.returncode != 0:
        return "not installed"
    return "running" if re.search(r'"PID" = ([0-9]+);', result.stdout) else "stopped"
