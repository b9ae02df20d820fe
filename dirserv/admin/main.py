"""The command line of darling-dirserv."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sqlite3
import sys

from dirserv import __version__
from dirserv.admin.errors import AdminError
from dirserv.errors import DSError, NoDirectory

#: Subcommand -> its module; ``dirserv.admin.commands`` says what a module has.
MODULES = {
    "init": "dirserv.admin.commands.init",
    "install": "dirserv.admin.commands.install",
    "uninstall": "dirserv.admin.commands.uninstall",
    "upgrade": "dirserv.admin.commands.upgrade",
    "status": "dirserv.admin.commands.status",
    "rehearse": "dirserv.admin.commands.rehearse",
    "doctor": "dirserv.admin.commands.doctor",
    "nixbld": "dirserv.admin.commands.nixbld",
    "export": "dirserv.admin.commands.export",
    "import": "dirserv.admin.commands.import_",
    "log": "dirserv.admin.commands.log",
    "repair": "dirserv.admin.commands.repair",
    "nix": "dirserv.admin.commands.nix",
    "sandbox": "sandbox_stub.admin",
}
#: An option with the value that argparse makes an empty list of.
_DASHES = re.compile("(--[^=]+(?==)|-[^-])=?--")


def parser() -> argparse.ArgumentParser:
    """The argument parser; man page and completion are made from it too."""
    top = argparse.ArgumentParser(
        prog="darling-dirserv",
        description="Set up and look after the user database of a Darling prefix "
        "or of any other directory tree laid out like macOS.",
        epilog="example: darling-dirserv rehearse --root ./prefix",
    )
    top.add_argument("--version", action="version", version=f"darling-dirserv {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for name, path in MODULES.items():
        module = importlib.import_module(path)
        command = commands.add_parser(
            name, help=module.HELP, description=module.HELP,
            epilog=getattr(module, "EXAMPLES", None),
            formatter_class=argparse.RawDescriptionHelpFormatter)
        command.add_argument("--json", action="store_true", help="print the result as JSON")
        module.arguments(command)
        command.set_defaults(run=module.run)
    return top


def console() -> None:
    """The entry point of the installed command."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status: 0, 1 for findings, 2 for what stopped it."""
    try:
        options = _parsed(arguments)
        status: int = options.run(options)
        return status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except (AdminError, NoDirectory, DSError, OSError) as error:
        print(f"darling-dirserv: {error}", file=sys.stderr)
    except sqlite3.Error as error:
        print(f"darling-dirserv: the user database: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"darling-dirserv: this Python has no {error.name}; make setup and "
              ".venv/bin/darling-dirserv, or pip install ., give one that has", file=sys.stderr)
    return 2


def _parsed(arguments: list[str]) -> argparse.Namespace:
    made = parser()
    for word in arguments:
        if option := _DASHES.fullmatch(word):
            made.error(f"argument {option[1]}: '--' is not a value")
    return made.parse_args(arguments)
