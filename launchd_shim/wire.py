"""JSON of the control protocol without the json package, whose import costs a third of a call.

The C functions behind json are used where the interpreter has them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Plain:
    """What the C scanner asks its owner for: the defaults of json.JSONDecoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def decode(line: bytes) -> Any:
    """The value of one line of JSON. Raises ValueError if it is none."""
    text = line.decode("utf-8").strip()
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(text)
    plain: Any = _Plain()  # it takes whatever has these attributes
    try:
        value, end = make_scanner(plain)(text, 0)
    except (StopIteration, SystemError):
        # The scanner looks for json's exception among the loaded modules and fails if it is not.
        raise ValueError("no JSON value") from None
    if end != len(text):
        raise ValueError("text after the JSON value")
    return value


def encode(value: Any) -> bytes:
    """One line of JSON for None, bool, int, text, and lists and text-keyed dicts of those.

    Raises TypeError for anything else.
    """
    return _text(value).encode("ascii") + b"\n"


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict):
        pairs = (f"{_quoted(key)}:{_text(item)}" for key, item in value.items())
        return f"{{{','.join(pairs)}}}"
    raise TypeError(f"no JSON for {type(value).__name__}")


def _quoted(text: str) -> str:
    try:
        from _json import encode_basestring_ascii
    except ImportError:
        from json.encoder import py_encode_basestring_ascii as encode_basestring_ascii
    return encode_basestring_ascii(text)
