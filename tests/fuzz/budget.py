"""How long a fuzz target runs: some fixed examples, or FUZZ_SECONDS of random ones.

``FUZZ_SECONDS=600 python -m pytest tests/fuzz`` gives each target ten minutes. With FUZZ_SEED=N the
examples are the same in every run, as far as the time reaches: CI is to fail for a change of ours.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

#: Examples of the default run, and of one round of the long one.
FEW, ROUND = 30, 500
_COMMON = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def fuzz(target: Callable[[Any], None], examples: SearchStrategy[Any]) -> int:
    """Run the target on examples; returns on how many. What it raises is a fault found."""
    seconds = float(os.environ.get("FUZZ_SECONDS", "0"))
    fixed = os.environ.get("FUZZ_SEED")
    end, done = time.monotonic() + seconds, 0

    def counted(example: Any) -> None:
        nonlocal done
        done += 1
        target(example)

    settings(_COMMON, max_examples=FEW, derandomize=True)(given(examples)(counted))()
    number = 0
    while time.monotonic() < end:
        one_round = settings(_COMMON, max_examples=ROUND)(given(examples)(counted))
        (seed(int(fixed) + number)(one_round) if fixed else one_round)()
        number += 1
    return done
