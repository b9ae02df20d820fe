"""darling-dirserv sandbox mode: what sandbox-exec does with profiles in a root."""

from __future__ import annotations

import argparse
import posixpath

from dirserv.admin.access import must_own
from dirserv.admin.cli import show, the_directory
from dirserv.admin.errors import AdminError
from dirserv.paths import Root
from dirserv.prefix.target import as_owner
from dirserv.prefix.tree import Tree
from sandbox_stub.settings import MODES, PATH, Settings, Unusable, load

HELP = "show or set what sandbox-exec does with profiles; setting replaces the settings file"


def arguments(action: argparse.ArgumentParser) -> None:
    """What it takes beyond the root."""
    action.add_argument("mode", metavar="MODE", nargs="?", choices=MODES,
                        help=f"the mode from now on: {', '.join(MODES)}")
    action.add_argument("--strict", action=argparse.BooleanOptionalAction,
                        help="whether mode check refuses a profile that does not compile "
                        "(default: as it was)")


def run(options: argparse.Namespace) -> int:
    """Do it. Raises AdminError for settings that cannot be used, also once they are written."""
    root = the_directory(options).root
    try:
        if options.mode is not None or options.strict is not None:
            _write(root, _wanted(root, options))
        now = load(root.path)
    except Unusable as error:
        raise AdminError(str(error)) from None
    strict = "yes" if now.strict else "no"
    show(options, {"mode": now.mode, "strict": now.strict},
         [f"mode    {now.mode}", f"strict  {strict}"])
    return 0


def _wanted(root: Root, options: argparse.Namespace) -> Settings:
    """The settings to be; what is not asked for stays, unless it cannot be used anyway."""
    try:
        old = load(root.path)
    except Unusable:
        if options.mode is None:
            raise
        old = Settings()
    strict = old.strict if options.strict is None else options.strict
    return Settings(options.mode or old.mode, strict)


def _write(root: Root, settings: Settings) -> None:
    """Put the file in place, whole, as the root's owner, who alone may have it."""
    must_own(root, "set the sandbox mode")
    text = f"mode = {settings.mode}\nstrict = {'yes' if settings.strict else 'no'}\n"
    tree = Tree(root.path)
    with as_owner(tree):
        directory = tree.follow(posixpath.dirname(PATH))
        if tree.state(directory) is None:
            raise AdminError(f"{root.path or '/'} has no {posixpath.dirname(PATH)}; "
                             "`darling-dirserv init` makes it")
        tree.write(f"{directory}/{posixpath.basename(PATH)}", text.encode(), 0o644)
        tree.sync({directory})
