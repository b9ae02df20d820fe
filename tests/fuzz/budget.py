"""How long a fuzz target runs: some fixed examples, or FUZZ_SECONDS of random ones.

``FUZZ_SECONDS=600 python -m pytest tests/fuzz`` gives each target ten minutes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

#: Examples of the default run, and of one round of the long one.
FEW, ROUND = 30, 500
_COMMON = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def fuzz(target: Callable[[Any], None], examples: SearchStrategy[Any]) -> int:
    """Run the target on examples; returns on how many. What it raises is a fault found."""
    seconds = float(os.environ.get("FUZZ_SECONDS", "0"))
    end, done = time.monotonic() + seconds, 0

    def counted(example: Any) -> None:
        nonlocal done
        done += 1
        target(example)

    def one_round(most: int, fixed: bool) -> None:
        chosen = settings(_COMMON, max_examples=most, derandomize=fixed)
        chosen(given(examples)(counted))()

    one_round(FEW, fixed=True)
    while time.monotonic() < end:
        one_round(ROUND, fixed=False)
    return done
