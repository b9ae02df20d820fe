"""The SQLite extension module without the modules that it would load for nothing.

``_sqlite3`` rather than ``sqlite3``: the wrapper costs another millisecond (datetime). The
extension itself asks ``functools`` for ``lru_cache`` when it is loaded, and ``functools`` costs
half of a bare interpreter's start (collections); what it does with it takes three lines.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Functools:
    """Stands in for ``functools`` while the extension is loaded."""

    @staticmethod
    def lru_cache(size: int) -> Callable[[Callable[..., Any]], Any]:
        """What keeps a connection's compiled statements."""
        from _functools import _lru_cache_wrapper  # type: ignore[import-not-found]

        return lambda function: _lru_cache_wrapper(function, size, False, tuple)


if "functools" in sys.modules or "_sqlite3" in sys.modules:
    import _sqlite3
else:
    sys.modules["functools"] = _Functools  # type: ignore[assignment]
    try:
        import _sqlite3
    finally:
        del sys.modules["functools"]

Error = _sqlite3.Error
connect = _sqlite3.connect
