"""Reading property lists that somebody else may have written."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def loads(data: bytes) -> Any:
    """The value of an XML or binary property list.

    Raises ValueError for what is none: plistlib tells of damage in unrelated ways
    (spec/ecosystem.md A1).
    """
    import plistlib  # 7 ms, and it has imported expat
    from xml.parsers.expat import ExpatError

    try:
        return plistlib.loads(data)
    except (AttributeError, TypeError, LookupError, OverflowError, RecursionError,
            ExpatError) as error:
        raise ValueError(f"no property list: {error}") from error
