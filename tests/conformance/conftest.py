"""The bench on which every case is run, and the count at the end of a session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance import roots, shell
from tests.conformance.cases import Case
from tests.conformance.compare import check, check_expected

_SETS = {"test_recorded": "transcripts", "test_derived": "derived"}


@pytest.fixture(scope="session")
def bench() -> Iterator[Callable[[Case], None]]:
    """A function that runs a case in a root of its own and compares."""
    with roots.workspace() as space:
        yield _Bench(Path(space))


class _Bench:
    def __init__(self, space: Path) -> None:
        self._space = space
        self._count = 0

    def __call__(self, case: Case) -> None:
        __tracebackhide__ = True
        if case.uid and os.geteuid() != 0:
            pytest.skip("only root can run a command as another user")
        path = self._path(case.uid)
        self._count += 1
        root = self._space / f"root{self._count}"
        roots.build(root, case)
        self._prepare(case, root)
        result = shell.run(case.command, root, path, case.uid, case.stdin, case.tty)
        check(case, result)
        for step in case.then:
            check_expected(step.expected, shell.run(step.command, root, self._path(0)))

    def _path(self, uid: int) -> Path:
        interpreter = shell.interpreter_for(uid)
        if interpreter is None:
            pytest.skip(f"uid {uid} can reach no Python 3.11 or not the checkout")
        path = self._space / f"bin{uid}"
        if not path.exists():
            shell.wrappers(path, interpreter)
        return path

    def _prepare(self, case: Case, root: Path) -> None:
        (root / "cwd").mkdir()
        for name, content in case.files.items():
            (root / "cwd" / name).write_text(content)
        for command in case.before:
            done = shell.run(command, root, self._path(0))
            assert done.exit == 0, f"before the case: {command}: {done}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line: how many transcripts were asserted, passed and listed as exceptions."""
    counts = {name: dict.fromkeys(("passed", "failed", "xfailed"), 0) for name in _SETS}
    for outcome in ("passed", "failed", "xfailed"):
        for report in terminalreporter.stats.get(outcome, ()):
            name = report.nodeid.rpartition("::")[2].partition("[")[0]
            if "conformance/" in report.nodeid and name in counts:
                counts[name][outcome] += 1
    parts = [
        f"{_SETS[name]} asserted {count['passed'] + count['failed']}, passed {count['passed']}, "
        f"listed exceptions {count['xfailed']}"
        for name, count in counts.items() if any(count.values())
    ]
    if parts:
        terminalreporter.write_line("conformance: " + "; ".join(parts))
