"""What a misspelt key may have been meant to be."""

from __future__ import annotations

from launchd_shim import keys


def hint(key: str) -> str:
    """``; did you mean …?`` for a key much like a known one, else ""."""
    import difflib

    known = {key.name.lower(): key.name
             for table in (keys.TOP, keys.KEEP_ALIVE, keys.SOCKET) for key in table.values()}
    known |= {name.lower(): name for name in (*keys.CALENDAR, *keys.LIMITS)}
    # Longer than any key: no misspelling, and the comparison is quadratic.
    if len(key) > 64:
        return ""
    near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.8)
    return f"; did you mean {known[near[0]]}?" if near else ""
