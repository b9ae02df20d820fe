"""Something done in a forked child that has confined itself, and what came of it.

The child never returns into the test: it reports through a pipe and ends. What it calls must not
import anything once it is confined.
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from dirserv.paths import Root
from sandbox_stub.compiler import compile_profile
from sandbox_stub.linux.apply import enforce
from sandbox_stub.linux.calls import Refused
from sandbox_stub.linux.plan import Plan, plan
from sandbox_stub.linux.probe import probe
from sandbox_stub.profile import Profile

NOBODY = 65534
_PR_SET_DUMPABLE = 4
HERE = probe()
#: Who does it: the tests' own user, and where that is root also somebody without any privilege.
USERS = [None] if os.geteuid() else [None, NOBODY]

needs_landlock = pytest.mark.skipif(not HERE.abi, reason="the kernel has no Landlock")
needs_mounts = pytest.mark.skipif(not HERE.mounts, reason="no mount namespace can be had here")
needs_network = pytest.mark.skipif(not HERE.network, reason="no network namespace can be had here")
needs_seccomp = pytest.mark.skipif(not HERE.seccomp, reason="no system call filter can be had here")


def in_child(work: Callable[[], Any], uid: int | None = None) -> Any:
    """What ``work`` returns, done in a child of that user; its exception is raised here."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(told)
            if uid is not None:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                # As it is after an exec, which a real caller has behind it.
                ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
            answer: tuple[bool, Any] = (True, work())
        except BaseException as error:  # noqa: BLE001 - the parent is to raise it
            answer = (False, error if isinstance(error, Refused | OSError)
                      else AssertionError(traceback.format_exc()))
        finally:
            os.write(tell, pickle.dumps(answer))
            os._exit(0)
    os.close(tell)
    with open(told, "rb") as pipe:
        data = pipe.read()
    os.waitpid(pid, 0)
    fine, value = pickle.loads(data)
    if not fine:
        raise value
    return value


def compiled(text: str) -> Profile:
    """A profile from its text without the version line. Not in a child of another user, who may
    not be able to read Python's own files."""
    return compile_profile("(version 1)" + text)


def make_plan(
    profile: Profile | str, root: str = "/", *, without: tuple[str, ...] = (),
    abi: int | None = None, commit: bool = False, **options: Any,
) -> Plan:
    """A plan for this process on this kernel, with mechanisms taken away at will; with ``commit``
    this must be a child."""
    kernel = probe(commit)
    for name in without:
        setattr(kernel, name, False)
    if abi is not None:
        kernel.abi = min(abi, kernel.abi)
    if isinstance(profile, str):
        profile = compiled(profile)
    return plan(profile, kernel, root=Root(root), **options)


def confined(text: str, work: Callable[[], Any], root: str = "/", *, uid: int | None = None,
             **options: Any) -> Any:
    """What ``work`` returns under a profile (without its version line)."""
    profile = compiled(text)

    def child() -> Any:
        made = make_plan(profile, root, commit=True, **options)
        enforce(made)
        return work()
    return in_child(child, uid)


def outcome(call: Callable[..., Any], *arguments: Any) -> str:
    """"ok", or the name of the error."""
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "ok"


def findings(made: Plan, text: str) -> set[tuple[str, str]]:
    """The (grade, reason code) pairs of the rules whose text contains this."""
    return {(grade.grade, grade.code) for grade in made.grades if text in str(grade.rule)}

