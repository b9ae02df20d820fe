"""Taking Nix away: the official steps for macOS, by our commands (spec/installers.md 2.3).

Each step looks first whether there is anything to do, so that all of it can be repeated. What is
not Nix's stays: lines that others wrote, directories of /nix that the installer does not make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dirserv.admin.errors import AdminError
from dirserv.nix import profiles
from dirserv.nix.facts import ask
from dirserv.nix.inside import Inside
from dirserv.nix.places import LOG, PLIST

_STORE_JOB = "/Library/LaunchDaemons/org.nixos.darwin-store.plist"
_HOME = "/var/root"
_BELOW_HOME = (".nix-profile", ".nix-defexpr", ".nix-channels", ".local/state/nix", ".cache/nix")
_USERS = "/usr/bin/dscl . -list /Users | grep '^_nixbld[1-9][0-9]*$'"
#: Files with one line of Nix's: path -> what that line looks like, for grep.
_LINES = {"/etc/fstab": "[[:blank:]]/nix[[:blank:]]", "/etc/synthetic.conf": "^nix$"}

# A store's directories are read-only, which keeps out everybody but the kernel's root.
_CLEAR = '{ rm -rf "$1" 2>/dev/null || { chmod -R u+w "$1" && rm -rf "$1"; }; }'
_UNLOAD = 'launchctl unload "$1" >/dev/null 2>&1; rm -f "$1"'
_WRITE = 'cat >"$1.darling-dirserv" && cat "$1.darling-dirserv" >"$1" && rm "$1.darling-dirserv"'
_USERS_GO = f"""\
for user in $({_USERS}); do /usr/bin/dscl . -delete "/Users/$user" || exit; done
"""
_NIX_GOES = f"""\
for directory in /nix/store /nix/var; do
    set -- "$directory"
    {_CLEAR} || exit
done
rmdir /nix 2>/dev/null || [ ! -d /nix ] || ls -A /nix
"""
_PROFILE_ACTIONS = {
    "restore": ("restore it from its backup", f'mv "$1{profiles.BACKUP}" "$1"'),
    "write": ("take Nix's lines out, keep the rest as it is now",
              f'{_WRITE} && rm -f "$1{profiles.BACKUP}"'),
    "remove": ("remove it: only Nix's lines are in it", 'rm "$1"'),
    "forget": ("remove its backup, which is the same", f'rm "$1{profiles.BACKUP}"'),
}


@dataclass(frozen=True)
class Step:
    """One thing to do: ``script`` is run with ``words`` and ``input``."""

    what: str
    path: str
    script: str
    words: tuple[str, ...] = ()
    input: str = ""


def plan(inside: Inside) -> list[Step]:
    """What is to be done, in order; empty where there is no Nix. Raises AdminError."""
    paths = [PLIST, _STORE_JOB, *profiles.FISH, "/etc/nix", LOG, "/nix/store", "/nix/var",
             *(f"{_HOME}/{name}" for name in _BELOW_HOME)]
    questions = {path: f"[ -e {path} ] || [ -L {path} ]" for path in paths}
    questions |= {path: f"cat {path}" for path in _every_profile()}
    questions |= {path: f"grep -q '{pattern}' {path} && cat {path}"
                  for path, pattern in _LINES.items()}
    questions |= {"group": "/usr/bin/dscl . -read /Groups/nixbld", "users": _USERS}
    answers = ask(inside, questions)
    there = {name for name, answer in answers.items() if answer.ok}
    texts = {name: answers[name].text for name in there}
    return [*_profiles(texts), *_jobs(there), *_accounts(there, texts), *_files(there, texts)]


def apply(inside: Inside, step: Step) -> str:
    """Do one step; returns what is to be said of it, mostly nothing. Raises AdminError."""
    result = inside.run(step.script, *step.words, input=step.input, timeout=3600)
    if result.returncode:
        raise AdminError(f"{step.path}: {step.what}: status {result.returncode}: "
                         f"{result.stdout.strip()}; set that right and run it again")
    return result.stdout.strip()


def _every_profile() -> Iterator[str]:
    for path in profiles.TARGETS:
        yield path
        yield path + profiles.BACKUP


def _profiles(texts: dict[str, str]) -> Iterator[Step]:
    for path in profiles.TARGETS:
        found = profiles.action(texts.get(path), texts.get(path + profiles.BACKUP))
        if found is not None:
            what, script = _PROFILE_ACTIONS[found[0]]
            yield Step(what, path, script, (path,), found[1])


def _jobs(there: set[str]) -> Iterator[Step]:
    for path in (PLIST, _STORE_JOB):
        if path in there:
            yield Step("unload the job and remove it", path, _UNLOAD, (path,))


def _accounts(there: set[str], texts: dict[str, str]) -> Iterator[Step]:
    if "group" in there:
        yield Step("delete the group", "/Groups/nixbld", "/usr/bin/dscl . -delete /Groups/nixbld")
    if "users" in there:
        count = len(texts["users"].split())
        yield Step(f"delete {count} build users", "/Users/_nixbld…", _USERS_GO)


def _files(there: set[str], texts: dict[str, str]) -> Iterator[Step]:
    for path, pattern in _LINES.items():
        if path in there:
            yield Step("take Nix's line out", path,
                       f"grep -v '{pattern}' \"$1\" >\"$1.darling-dirserv\"; "
                       f'cat "$1.darling-dirserv" >"$1" && rm "$1.darling-dirserv"', (path,))
    for path in [*profiles.FISH, "/etc/nix", LOG, *(f"{_HOME}/{name}" for name in _BELOW_HOME)]:
        if path in there:
            yield Step("remove", path, _CLEAR, (path,))
    if there & {"/nix/store", "/nix/var"}:
        yield Step("remove store and state", "/nix", _NIX_GOES)
