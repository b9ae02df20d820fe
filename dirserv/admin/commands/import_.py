"""darling-dirserv import: records from text, all or none."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dirserv.admin import importing, transfer
from dirserv.admin.access import changing, own_directory
from dirserv.admin.cli import root_argument, show
from dirserv.admin.errors import AdminError
from dirserv.admin.progress import Progress

HELP = "take records from an export, or from a passwd or group file, in one transaction"
EXAMPLES = """\
examples:
  darling-dirserv import --root ./prefix accounts.jsonl
  darling-dirserv import --policy replace backup.jsonl   the types in the file become the file's
  darling-dirserv import --format passwd /other/etc/passwd --dry-run
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)
    parser.add_argument("file", metavar="FILE", help="the file, - for standard input")
    parser.add_argument("--format", choices=transfer.FORMATS, default="json",
                        help="what the file is (default: %(default)s)")
    parser.add_argument("--policy", choices=(importing.MERGE, importing.REPLACE),
                        default=importing.MERGE,
                        help="merge: add and change what the file names; replace: also remove "
                        "what it does not name, among the record types in it "
                        "(default: %(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    text = _text(options.file)
    entries = transfer.load_flat(options.format, text) if options.format != "json" else {}
    items = transfer.load(text) if options.format == "json" else []
    number = len(entries) or len(items)
    directory = own_directory(options, "import")
    progress = Progress(number)
    try:
        with changing(directory, options.dry_run) as change:
            if options.format == "json":
                done = importing.take(change, items, options.policy, progress.step)
            else:
                done = importing.take_flat(change, options.format, entries, options.policy)
    finally:
        progress.close()
    said = ", ".join(f"{count} {what}" for what, count in done.items())
    show(options, {"dry_run": options.dry_run, "records": number, **done},
         [f"{number} records read: {said}"
          + (" (dry run: nothing was changed)" if options.dry_run else "")])
    return 0


def _text(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode()
    except UnicodeDecodeError as error:
        line = error.object[:error.start].count(b"\n") + 1
        raise AdminError(f"line {line}: not UTF-8 text; nothing was changed") from None
