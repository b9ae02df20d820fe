"""`python -m tests.darwin [CMD...]`: run CMD, or a shell, in a new Darwin-like root."""

from __future__ import annotations

import sys

from tests.darwin.requirements import obstacle
from tests.darwin.root import DarwinRoot


def main(argv: list[str]) -> int:
    """Run the command and return its status; 77 with a sentence when no root can be made."""
    reason = obstacle()
    if reason is not None:
        print(reason, file=sys.stderr)
        return 77
    with DarwinRoot() as root:
        return root.call(argv or ["/bin/bash"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
