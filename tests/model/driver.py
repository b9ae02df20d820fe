"""Runs a list of commands and says what is then to be seen; started once for a whole example.

Standard library only: it runs as `python3 -I -S driver.py` in the root under test. It reads one
JSON object: `programs` (command name -> the words that start it), `env`, `reset` (lines for a
dscl session that come first) and `commands` (argument vectors). It writes one: `statuses` (exit
status and standard error of each), `before` and `after` (what dscl says of all users and groups),
and, if `libc` is true, what the C library and id(1) of this root say of `names`.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import subprocess
import sys
from typing import Any

Request = dict[str, Any]


def run(request: Request, argv: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command with nobody at its standard input but `text`."""
    program = request["programs"].get(argv[0], [argv[0]])
    return subprocess.run(
        [*program, *argv[1:]], input=text, capture_output=True, encoding="utf-8",
        errors="surrogateescape", env={**os.environ, **request["env"]}, check=False, timeout=60,
    )


def session(request: Request, lines: list[str], *options: str) -> str:
    """What a dscl session prints for these lines."""
    result = run(request, ["dscl", "-q", *options, "."], "".join(line + "\n" for line in lines))
    if result.stderr or result.returncode:
        raise SystemExit(f"dscl session failed: {result}")
    return result.stdout


def records(request: Request) -> str:
    """All users and groups as two XML property lists."""
    return session(request, ["readall /Users", "readall /Groups"], "-plist")


def libc(names: list[str]) -> dict[str, Any]:
    """Every entry that the C library lists, and what it finds by name and by number."""
    passwd, group = [list(entry) for entry in pwd.getpwall()], [list(e) for e in grp.getgrall()]
    return {
        "passwd": passwd,
        "group": group,
        "user_by_name": {name: found(pwd.getpwnam, name) for name in names},
        "group_by_name": {name: found(grp.getgrnam, name) for name in names},
        "user_by_id": {str(entry[2]): found(pwd.getpwuid, entry[2]) for entry in passwd},
        "group_by_id": {str(entry[2]): found(grp.getgrgid, entry[2]) for entry in group},
    }


def found(lookup: Any, key: object) -> list[object] | None:
    """The entry that a lookup finds, None if there is none."""
    try:
        return list(lookup(key))
    except KeyError:
        return None


def ids(request: Request) -> dict[str, list[str]]:
    """What id(1) says of each user that there is: uid, gid and all group ids.

    What it says of the names that are nobody's is under "": that should be nothing. Digits are
    left out there, because id(1) takes them for a uid.
    """
    known = [name for name in request["names"] if found(pwd.getpwnam, name)]
    others = [name for name in request["names"] if name not in known and not name.isdigit()]
    rows = zip(*(asked(request, option, known) for option in ("-u", "-g", "-G")), strict=True)
    answers = {name: list(row) for name, row in zip(known, rows, strict=True)}
    return {**answers, "": asked(request, "-u", others)}


def asked(request: Request, option: str, names: list[str]) -> list[str]:
    """The lines of id(1) for these users; without any it would speak of its own."""
    return run(request, ["id", option, "--", *names]).stdout.splitlines() if names else []


def main() -> None:
    """Do what is asked on standard input."""
    request: Request = json.load(sys.stdin)
    answer: dict[str, Any] = {}
    if request["reset"]:
        session(request, request["reset"])
    answer["before"] = records(request)
    results = [run(request, argv) for argv in request["commands"]]
    answer["statuses"] = [[result.returncode, result.stderr] for result in results]
    answer["after"] = records(request)
    if request["libc"]:
        answer["libc"] = libc(request["names"])
        answer["ids"] = ids(request)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
