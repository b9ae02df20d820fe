"""The table of operations (spec/sandbox.md 3.4)."""

from __future__ import annotations

import pytest

from sandbox_stub import operations


def test_every_operation_leads_to_default() -> None:
    for name in operations.operations():
        assert operations.lineage(name)[-1] == "default"
        assert operations.canonical(name) == name


def test_parents_and_children_agree() -> None:
    for name in operations.operations():
        for child in operations.children(name):
            assert operations.parent(child) == name


@pytest.mark.parametrize(("name", "lineage"), [
    ("default", "default"),
    ("file-read-data", "file-read-data file-read* file* default"),
    ("network-bind", "network-bind network-inbound network* default"),
    ("process-exec-interpreter", "process-exec-interpreter process-exec* process* default"),
    ("ipc-posix-shm-write-create",
     "ipc-posix-shm-write-create ipc-posix-shm-write* ipc-posix-shm* ipc-posix* ipc* default"),
    ("system-kext-load", "system-kext-load system-kext* system* default"),
])
def test_lineage(name: str, lineage: str) -> None:
    assert operations.lineage(name) == lineage.split()


@pytest.mark.parametrize(("alias", "name"), [
    ("process-exec", "process-exec*"), ("file-unlink", "file-write-unlink"),
    ("file-write-mount", "file-mount"), ("file-write-umount", "file-unmount"),
    ("file-fsctl", "system-fsctl"), ("system-misc", "system*"), ("time-set", "system-set-time"),
    ("ipc-posix-shm", "ipc-posix-shm*"), ("file-issue-extension-read", "file-issue-extension"),
])
def test_alias(alias: str, name: str) -> None:
    assert operations.canonical(alias) == name


@pytest.mark.parametrize(("name", "initial"), [
    ("default", "deny"), ("job-creation", "deny"), ("process-info*", "allow"), ("nvram*", "allow"),
    ("iokit-get-properties", "allow"), ("file-map-executable", "allow"),
    ("system-privilege", "allow"),
    ("file*", None), ("process-info-pidinfo", None),
])
def test_initial(name: str, initial: str | None) -> None:
    assert operations.initial(name) == initial


def test_names_that_are_none() -> None:
    assert operations.canonical("bogus-op") is None
    with pytest.raises(KeyError):
        operations.parent("process-exec")
