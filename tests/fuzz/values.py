"""Random texts, bytes and property lists that are nearly right."""

from __future__ import annotations

import plistlib

from hypothesis import strategies as st

AWKWARD = ["", "/", "//", "..", ".", "\\", "\\/", "%2f", "%", "%zz", "\"", "'", "-", "--", ":", ",",
           "\n", "\r", "\0", "#", "+", "root", "ROOT", "staff", "victim", "/Users", "/Users/victim",
           "/Groups/staff", "/Local/Default/Users", "UniqueID", "RecordName", "GroupMembership",
           "0", "-2", "20", "501", "4294967296", "\udcff", "\u2028", "x" * 300]
words = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=12),
                  st.lists(st.sampled_from(AWKWARD), max_size=4).map("".join))

scalars = st.one_of(st.booleans(), st.integers(-(1 << 63), (1 << 64) - 1), st.floats(),
                    st.binary(max_size=20), st.text(max_size=20),
                    st.datetimes().map(lambda when: when.replace(microsecond=0)))
trees = st.recursive(scalars, lambda inner: st.one_of(
    st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=20)


def dumped(value: object, binary: bool) -> bytes:
    """A property list, if the value can be in one."""
    form = plistlib.FMT_BINARY if binary else plistlib.FMT_XML
    try:
        return plistlib.dumps(value, fmt=form)
    except (ValueError, OverflowError, TypeError, UnicodeEncodeError):
        return b"bplist00" if binary else b"<plist/>"


#: Where (of 10,000), what is done there, and with which bytes.
scripts = st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(["set", "cut", "put", "copy"]),
                             st.binary(min_size=1, max_size=8)), max_size=4)


def damage(data: bytes, script: list[tuple[int, str, bytes]]) -> bytes:
    """Bytes in which some were changed, taken away or put in."""
    found = bytearray(data)
    for where, action, new in script:
        at = where * len(found) // 10_000
        if action == "set":
            found[at:at + len(new)] = new
        elif action == "cut":
            del found[at:at + new[0] % 40]
        else:
            found[at:at] = new if action == "put" else found[:new[0]]
    return bytes(found)


def damaged(whole: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Such bytes of what was whole."""
    return st.builds(damage, whole, scripts)


def plists(values: st.SearchStrategy[object]) -> st.SearchStrategy[bytes]:
    """Both forms of property lists of these values, whole and damaged; and any bytes."""
    made = st.builds(dumped, values, st.booleans())
    return st.one_of(made, damaged(made), st.binary(max_size=200).map(lambda data:
                                                                       b"bplist00" + data))
