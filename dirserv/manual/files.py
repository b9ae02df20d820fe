"""Pages and completions as files: `python -m dirserv.manual.files DIRECTORY` (make man)."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from dirserv.manual.completion import PLACES, script
from dirserv.manual.pages import COMMANDS, PAGES, ROOT, render


def write(share: Path) -> list[Path]:
    """Write all pages and completions below a directory ``share``; returns the files."""
    made = {share / page.file: render(page, date()) for page in PAGES}
    for page in COMMANDS:
        made |= {share / place.format(page.name): script(page.parser(), shell)
                 for shell, place in PLACES.items()}
    for file, text in made.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(made)


def date() -> str:
    """The date of the pages: SOURCE_DATE_EPOCH, else that of the changelog's file."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    seconds = int(epoch) if epoch else (ROOT / "CHANGELOG.md").stat().st_mtime
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


if __name__ == "__main__":
    for written in write(Path(sys.argv[1])):
        print(written)
