"""Runs functions of Salt's modules through Salt's own loader, in the root and with its Python.

Arguments: the directory for Salt's files, then a JSON list of calls, each a list of a function's
name and its arguments.  Prints a JSON list with one item for each: what the function returned, or
{"error": text} when Salt raised an error of its own.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import types

import salt.config
import salt.loader
import salt.utils.platform
from salt.exceptions import SaltException

GRAINS = {
    "kernel": "Darwin", "os": "MacOS", "os_family": "MacOS",
    "osrelease": "11.7.4", "osrelease_info": (11, 7, 4),
}


def main(home: str, calls: str) -> None:
    """Make the loader believe that this is a Mac, then do what is asked for."""
    # What Python itself says of the machine was fixed when it was built.
    salt.utils.platform.is_darwin = lambda: True
    platform.mac_ver = lambda: ("11.7.4", ("", "", ""), "x86_64")
    options = salt.config.minion_config(os.path.join(home, "minion"))
    options.update(grains=GRAINS, root_dir=home, cachedir=home, extension_modules=home)
    functions = salt.loader.minion_mods(options, utils=salt.loader.utils(options))
    # It gives macOS a second for each change of an account; what is written here is there.
    functions["user.info"].__globals__["time"] = types.SimpleNamespace(sleep=lambda seconds: None)
    print(json.dumps([_outcome(functions, *call) for call in json.loads(calls)]))


def _outcome(functions: object, name: str, *arguments: object) -> object:
    try:
        return functions[name](*arguments)  # type: ignore[index]
    except SaltException as error:
        return {"error": str(error)}


if __name__ == "__main__":
    main(*sys.argv[1:])
