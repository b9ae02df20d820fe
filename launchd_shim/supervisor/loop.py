"""The event loop: file descriptors and timers. It sleeps until something is due; an idle
supervisor does not wake up."""

from __future__ import annotations

import heapq
import itertools
import selectors
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Callback = Callable[[], None]


class Timer:
    """A call at a moment of the monotonic clock; ``cancel`` takes it back."""

    __slots__ = ("call", "when")

    def __init__(self, when: float, call: Callback) -> None:
        self.when = when
        self.call: Callback | None = call

    def cancel(self) -> None:
        """Do not call any more."""
        self.call = None


class Loop:
    """Calls back when descriptors become readable and when timers are due."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._stopped = False

    def watch(self, fd: int, call: Callback) -> None:
        """Call whenever ``fd`` is readable."""
        self._selector.register(fd, selectors.EVENT_READ, call)

    def rewatch(self, fd: int, call: Callback, writable: bool) -> None:
        """Call from now on whenever a watched ``fd`` is writable, or readable again."""
        self._selector.modify(fd, selectors.EVENT_WRITE if writable else selectors.EVENT_READ, call)

    def forget(self, fd: int) -> None:
        """Stop watching ``fd``; close it after this, not before."""
        self._selector.unregister(fd)

    def after(self, seconds: float, call: Callback) -> Timer:
        """Call once after ``seconds``."""
        timer = Timer(time.monotonic() + max(0.0, seconds), call)
        heapq.heappush(self._timers, (timer.when, next(self._order), timer))
        return timer

    def stop(self) -> None:
        """Make ``run`` return."""
        self._stopped = True

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopped:
            self.step(None)

    def step(self, longest: float | None) -> None:
        """One round; ``longest`` bounds the sleep in seconds, None does not."""
        self._drop_cancelled()
        wait = longest
        if self._timers:
            due = max(0.0, self._timers[0][0] - time.monotonic())
            wait = due if wait is None else min(due, wait)
        for key, _ in self._selector.select(wait):
            if key.fd in self._selector.get_map():  # an earlier call may have closed it
                key.data()
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            call = heapq.heappop(self._timers)[2].call
            if call is not None:
                call()

    def _drop_cancelled(self) -> None:
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
