"""darling-dirserv upgrade: an older installation becomes one of this version."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from dirserv.admin.cli import show
from dirserv.admin.commands.install import choices, lines, prefix_arguments, the_target
from dirserv.admin.errors import AdminError
from dirserv.prefix import receipt
from dirserv.prefix.install import install

HELP = "bring an installation of an older version up to this one"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    prefix_arguments(parser)
    choices(parser)


def run(options: argparse.Namespace) -> int:
    """Do it: what was left out stays out, the database is kept and migrated."""
    target = the_target(options)
    if receipt.load(target.tree) is None:
        raise AdminError(f"nothing is installed in {target.root or '/'}; use install")
    result = install(target, options.python, None, options.system_version, options.dry_run)
    show(options, asdict(result), lines(result, "would change" if options.dry_run else "changed"))
    return 0
