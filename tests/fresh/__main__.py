"""`python -m tests.fresh [root|user] [SCRIPT]`: on a clean Debian, run the README's commands.

SCRIPT is run instead if it is given; the last commit is to be cloned from /srv/checkout.bundle.
PYTEST_ADDOPTS is handed on.
"""

from __future__ import annotations

import os
import sys

from tests.clients.archive import ArchiveUnreachable
from tests.fresh import machine

WHO = ("root", "user")


def main(argv: list[str]) -> int:
    """Run the script and return its status; 77 with a sentence where that cannot be done."""
    who = argv.pop(0) if argv and argv[0] in WHO else WHO[0]
    reason = machine.obstacle()
    options = {"PYTEST_ADDOPTS": os.environ.get("PYTEST_ADDOPTS", "")}
    if reason is None:
        script = " ".join(argv) or machine.readme_script()
        try:
            return machine.run(script, who == "user", output=None, **options).returncode
        except ArchiveUnreachable as error:
            reason = f"the archive cannot be reached: {error}"
    print(reason, file=sys.stderr)
    return 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
