"""What loading and removing several property lists comes to: lines on stderr and a number."""

from __future__ import annotations

from launchd_shim.darwin import strerror
from launchd_shim.launchctl.failures import SEVERAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from launchd_shim.launchctl.paths import Named


class Wording:
    """How a subcommand words its failures.

    ``single`` begins the last line when one path was given, ``several`` when more were; a path
    whose error is among ``done_errors`` was ``done`` already.
    """

    def __init__(self, single: str, several: str, done: str, done_errors: Container[int]) -> None:
        self.single = single
        self.several = several
        self.done = done
        self.done_errors = done_errors


def verdict(
    results: list[tuple[Named, int]], wording: Wording, reported: Callable[[int], int]
) -> tuple[str, int]:
    """The lines for results (path, error) and the error of all of them, 0 for success.

    ``reported`` is the number that launchctl gives for an error when it is the only one.
    """
    failed = [(shown, error) for (shown, _), error in results if error]
    if not failed:
        return "", 0
    error = reported(failed[0][1]) if len(failed) == 1 else SEVERAL
    if len(results) == 1:
        return f"{wording.single}: {error}: {strerror(error)}\n", error
    lines = [f"{shown}: {wording.done if one in wording.done_errors else strerror(one)}\n"
             for shown, one in failed]
    return f"{''.join(lines)}{wording.several}: {error}: {strerror(error)}\n", error
