"""darling-dirserv status: what the database holds, and that all files are in step with it."""

from __future__ import annotations

import argparse

from dirserv import __version__
from dirserv.admin import schema
from dirserv.admin.cli import root_argument, show, the_directory
from dirserv.prefix.receipt import load
from dirserv.prefix.tree import Tree

HELP = "show what the database holds and whether all files are in step with it"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Do it; 1 when the database is damaged."""
    directory = the_directory(options)
    with directory.change():
        pass  # what somebody edited is taken over, what lags behind is projected
    receipt = load(Tree(directory.root.path))
    result = {"root": directory.root.path or "/", "version": __version__,
              "installed": receipt.version if receipt else None, **schema.inspect(directory)}
    installed = f"commands {receipt.version}, " if receipt else ""
    counts = ", ".join(f"{number} {kind}" for kind, number in result["records"].items())
    show(options, result, [
        f"root        {result['root']} ({installed}schema {result['schema']}, "
        f"darling-dirserv {__version__})",
        f"records     {counts}",
        f"generation  {result['generation']}",
        f"database    {result['integrity']}",
    ])
    return 0 if result["integrity"] == "ok" else 1
