"""Fuzz targets that need no process: grammar and paths, property lists, flat files, imports."""

from __future__ import annotations

import plistlib

from hypothesis import strategies as st

from dirserv.dscl import grammar
from dirserv.dscl.items import components
from dirserv.dsimport.description import TEMPLATES
from dirserv.dsimport.entries import entries
from dirserv.dsimport.fault import Fault
from dirserv.names import RECORD_NAME
from dirserv.projection import dslocal, flat
from launchd_shim import loading, plistfile
from launchd_shim.keys import TOP
from launchd_shim.plisterror import NotAPropertyList
from launchd_shim.refusal import Refused
from tests.fuzz.budget import fuzz
from tests.fuzz.values import damaged, plists, scalars, trees, words


def test_lines_of_a_session() -> None:
    """Words go in and out of a line unharmed, and any text is some words."""

    def target(given: list[str]) -> None:
        line = " ".join(given)
        assert isinstance(grammar.split(line), list)
        quoted = " ".join("".join("\\" + char for char in word) for word in given if word)
        assert grammar.split(quoted) == [word for word in given if word]
        options, rest = grammar.parse(list(given))
        assert given[len(given) - len(rest):] == rest

    fuzz(target, st.lists(words, max_size=6))


def test_paths() -> None:
    """No component is empty; an escaped name is one component."""

    def target(given: list[str]) -> None:
        assert all(components("/".join(given)))
        for name in given:
            escaped = "".join(f"%{byte:02x}" for byte in name.encode("utf-8", "surrogateescape"))
            assert components(escaped) == ([name] if name else [])

    fuzz(target, st.lists(words, max_size=5))


def test_property_lists_of_launchd() -> None:
    """A value or one sentence."""

    def target(data: bytes) -> None:
        try:
            plistfile.parse(data)
        except NotAPropertyList as error:
            assert str(error) and "\n" not in str(error)

    fuzz(target, plists(trees))


def test_jobs() -> None:
    """A job or a refusal, whatever the keys hold."""

    def target(data: bytes) -> None:
        try:
            loaded = loading.load_bytes(data, "/x.plist")
        except Refused as refused:
            assert str(refused)
            return
        assert loaded.job.label

    values = st.one_of(trees, words, st.lists(words, max_size=3))
    base = st.fixed_dictionaries({"Label": st.one_of(words, scalars)}, optional={
        "Program": words, "ProgramArguments": st.lists(words, max_size=3)})
    more = st.dictionaries(st.sampled_from(sorted(TOP)), values, max_size=6)
    fuzz(target, plists(st.builds(lambda one, two: {**two, **one}, base, more)))


def test_property_lists_of_records() -> None:
    """A record or nothing; and what we render is read back as it was."""
    attributes = st.dictionaries(
        st.one_of(st.sampled_from(["name", "uid", "realname", "jpegphoto"]), st.text(max_size=6)),
        st.one_of(st.lists(st.one_of(st.text(max_size=9), st.binary(max_size=9)), max_size=3),
                  scalars), max_size=5)

    def target(data: bytes) -> None:
        found = dslocal.parse(data)
        if found is None:
            return
        assert found[RECORD_NAME]
        try:
            rendered = dslocal.render(found)
        except UnicodeEncodeError:
            return  # half of a surrogate pair: the store refuses it before
        assert dslocal.parse(rendered) == found, plistlib.loads(rendered)

    fuzz(target, plists(attributes))


def test_flat_files() -> None:
    """Any bytes are some lines, and those lines are read back as they are rendered."""
    lines = st.lists(st.lists(words, min_size=1, max_size=10).map(":".join), max_size=6)
    good = st.builds("\n".join, lines).map(lambda text: text.encode("utf-8", "surrogateescape"))

    def target(data: bytes) -> None:
        for file in flat.MODES:
            found = flat.parse(file, data)
            proper = {name: fields for name, fields in found.items() if flat._is_name(name)
                      and (file != "group" or all(map(flat._is_name, fields[1])))
                      and "\r" not in repr(fields) and "\\r" not in repr(fields)}
            rendered = flat.render(file, proper)
            assert flat.parse(file, rendered) == proper
            assert rendered.count(b"\n") == len(proper) + 4

    fuzz(target, st.one_of(good, damaged(good), st.binary(max_size=300)))


def test_import_files() -> None:
    """Entries or one sentence."""
    separators = st.sampled_from(["0x0A", "0x5C", "0x3A", "0x2C", "0x00", "0xFF", "10", "x"])
    columns = st.one_of(st.sampled_from(["RecordName", "UniqueID", "Password", "base64:JPEGPhoto",
                                         "externalbinary:JPEGPhoto", "GroupMembership",
                                         "dsAttrTypeNative:x"]), words)
    head = st.builds(lambda ends, kind, number, names: " ".join([*ends, kind, str(number), *names]),
                     st.lists(separators, min_size=3, max_size=5),
                     st.one_of(st.sampled_from(["dsRecTypeStandard:Users", "Users"]), words),
                     st.integers(-1, 5), st.lists(columns, max_size=5))
    body = st.lists(st.lists(words, max_size=5).map(":".join), max_size=5).map("\n".join)
    texts = st.builds(lambda one, two: f"{one}\n{two}".encode("utf-8", "surrogateescape"),
                      head, body)
    formats = st.one_of(st.none(), st.sampled_from(sorted(TEMPLATES.values())), words)

    def load(path: str) -> bytes:
        raise OSError(2, "No such file or directory", path)

    def target(example: tuple[bytes, str | None]) -> None:
        data, format = example
        try:
            found = list(entries(data, format, load))
        except Fault as fault:
            assert str(fault)
            return
        assert all(isinstance(entry.names, list) for entry in found)

    fuzz(target, st.tuples(st.one_of(texts, damaged(texts)), formats))
