"""darling-dirserv export: all records as text."""

from __future__ import annotations

import argparse
import os
import sys

from dirserv import snapshot as snapshots
from dirserv.admin import transfer
from dirserv.admin.access import own_directory
from dirserv.admin.cli import root_argument, the_directory
from dirserv.admin.errors import AdminError
from dirserv.directory import Directory
from dirserv.files import Staging
from dirserv.names import GROUPS, USERS

HELP = "write all records as text, one a line"
EXAMPLES = """\
examples:
  darling-dirserv export --root ./prefix accounts.jsonl
  darling-dirserv export --secrets backup.jsonl     with password hashes; only for root
  darling-dirserv export --format passwd            what /etc/passwd shows, to standard output
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)
    parser.add_argument("file", nargs="?", metavar="FILE",
                        help="where to (default: standard output); an older one is replaced")
    parser.add_argument("--format", choices=transfer.FORMATS, default="json",
                        help="json, or the lines of a flat file (default: %(default)s)")
    parser.add_argument("--secrets", action="store_true",
                        help="also password hashes and the like; only for root, only as json")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    if options.secrets and options.format != "json":
        raise AdminError("--secrets needs --format json: flat files hold no secrets")
    directory = (own_directory(options, "see secrets") if options.secrets
                 else the_directory(options))
    data = _content(directory, options).encode()
    if options.file is None:
        sys.stdout.buffer.write(data)
        return 0
    staging = Staging(None)
    try:
        staging.add(os.path.abspath(options.file), data, 0o600 if options.secrets else 0o644)
        staging.publish()
    finally:
        staging.discard()
    return 0


def _content(directory: Directory, options: argparse.Namespace) -> str:
    if options.format != "json":
        type = USERS if options.format == "passwd" else GROUPS
        return transfer.dump_flat(options.format, directory.records(type))
    if options.secrets:
        with directory.change() as change:
            pairs = [(record.type, {**record.attributes, **change.secrets(record)})
                     for record in change.records()]
    else:
        directory.records(USERS)  # brings the snapshot in step, for who may write
        published = snapshots.load(directory.root.snapshot)
        pairs = [(record.type, record.attributes)
                 for record in (published.records() if published else ())]
    return "".join(line + "\n" for line in transfer.dump(pairs, options.secrets))
