"""The JSON of the control socket."""

from __future__ import annotations

import json
import sys

import pytest

from launchd_shim import wire

VALUES = [
    {"verb": "list"}, {}, [], "", None, True, False, 0, -1, 1 << 62, "é\u202e\n\t\"\\\x00😀",
    {"a": [1, [2, {"b": None}]], "c d": {"": ""}}, ("x", "y"),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_encoded_values_are_lines_of_json(value: object) -> None:
    line = wire.encode(value)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert json.loads(line) == (list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize("value", [*VALUES, 1.5, -1e9, {"big": "x" * 100_000}],
                         ids=lambda value: repr(value)[:20])
def test_decoding_is_that_of_the_json_package(value: object) -> None:
    line = json.dumps(value).encode() + b"\n"
    assert wire.decode(line) == json.loads(line)
    raw = json.dumps(value, ensure_ascii=False, indent=1).encode()
    assert wire.decode(raw) == json.loads(raw)


@pytest.mark.parametrize("line", [
    b"", b"\n", b"{", b'{"a"', b'{"a":}', b"[1,", b"1 2", b"nul", b"\xff", b'"\\ud8', b"{'a':1}",
    b"\x00", b'"a\nb"',
])
def test_what_is_no_json_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError):
        wire.decode(line)


@pytest.mark.parametrize("value", [1.5, object(), {1: "x"}, [b"x"], {"a": {3}}])
def test_what_has_no_json_here_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError):
        wire.encode(value)


def test_it_works_without_the_c_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_json", None)
    assert wire.decode(wire.encode({"a": ["é", None, True]})) == {"a": ["é", None, True]}
    with pytest.raises(ValueError):
        wire.decode(b"{")
