"""How this machine's pip reaches packages, for another root on the same machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


def settings() -> dict[str, str]:
    """Every option that pip's files and the environment set for all its commands. Empty without
    pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return parse(listed.splitlines())


def parse(lines: Iterable[str]) -> dict[str, str]:
    """The options in the lines of `pip config list`, such as ``global.timeout='60'``; as with
    pip, the environment wins over files."""
    found: dict[str, dict[str, str]] = {"global": {}, ":env:": {}}
    for line in lines:
        key, _, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if section in found:
            found[section][option] = str(ast.literal_eval(value))
    return found["global"] | found[":env:"]


def places(options: dict[str, str]) -> list[Path]:
    """The local files and directories that the options name and that there are. For an index it
    is the directory above, as its pages link to files beside it."""
    found = set()
    for option, value in options.items():
        for word in value.split():
            name = url2pathname(urlsplit(word).path) if word.startswith("file:") else word
            if name.startswith("/") and Path(name).exists():
                found.add(Path(name).parent if option.endswith("index-url") else Path(name))
    return sorted(found)


def render(options: dict[str, str]) -> str:
    """The options as a pip.conf."""
    lines = [f"{option} = {value}" for option, value in options.items()]
    return "\n".join(["[global]", *(line.replace("\n", "\n    ") for line in lines), ""])
