"""What the tests of the property list loader share."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from launchd_shim.job import Job
from launchd_shim.loading import Loaded, load_values
from launchd_shim.refusal import Refused

PLISTS = Path(__file__).parent / "plists"

def examples(number: int = 100) -> settings:
    """So many examples, however busy the machine is."""
    return settings(max_examples=number, deadline=None,
                    suppress_health_check=[HealthCheck.too_slow])


#: The least that loads.
LEAST = {"Label": "org.example.job", "Program": "/bin/true"}


def loaded(**values: Any) -> Loaded:
    """The least job with these keys."""
    return load_values({**LEAST, **values}, "/x.plist")


def job(**values: Any) -> Job:
    """The job of ``loaded``, which must have nothing odd."""
    result = loaded(**values)
    assert texts(result) == []
    return result.job


def texts(result: Loaded) -> list[str]:
    """``kind key: text`` of the notes."""
    return [f"{note.kind} {note.key}: {note.text}" for note in result.notes]


def refusal(values: Any) -> Refused:
    """The refusal that a value must meet with."""
    try:
        load_values(values, "/x.plist")
    except Refused as error:
        return error
    raise AssertionError("it was not refused")


def write(path: Path, values: Any, mode: int = 0o644, binary: bool = False) -> Path:
    """A property list file."""
    form = plistlib.FMT_BINARY if binary else plistlib.FMT_XML
    path.write_bytes(plistlib.dumps(values, fmt=form))
    path.chmod(mode)
    return path
