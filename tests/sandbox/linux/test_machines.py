"""A machine whose system calls are not known: nothing can be had, and that is said."""

from __future__ import annotations

import ctypes
import os

import pytest

from dirserv.paths import Root
from sandbox_stub.linux.apply import enforce
from sandbox_stub.linux.calls import Refused, syscall
from sandbox_stub.linux.numbers import ARCHITECTURES, machine, number
from sandbox_stub.linux.plan import plan, stops
from sandbox_stub.linux.probe import probe
from tests.sandbox.linux.confined import compiled, in_child

_PER_LINUX32 = 8


def elsewhere() -> None:
    """Have uname(2) tell this process of a 32-bit machine, as a build for one is told."""
    ctypes.CDLL(None).personality(_PER_LINUX32)
    assert machine() not in ARCHITECTURES


@pytest.mark.skipif(os.uname().machine not in ARCHITECTURES, reason="it is such a machine")
def test_nothing_is_had_of_it_and_nothing_runs_unconfined() -> None:
    profile = compiled("(allow default) (deny file-read* (literal \"/a\"))")

    def work() -> tuple[dict[str, object], bool]:
        elsewhere()
        made = plan(profile, probe(), root=Root(""), cwd="/")
        assert number("prctl") is None
        with pytest.raises(OSError, match="Function not implemented"):
            syscall(number("prctl"), 0)
        with pytest.raises(Refused, match="Function not implemented"):
            enforce(made)
        return vars(made.kernel), bool(stops(made))

    nothing = {"abi": 0, "errata": 0, "seccomp": False, "mounts": False, "network": False,
               "users": False}
    assert in_child(work) == (nothing, True)
