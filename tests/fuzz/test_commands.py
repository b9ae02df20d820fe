"""Fuzz targets that run whole commands on a real directory and a real supervisor."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from dirserv.dscl.grammar import VERBS
from launchd_shim.unixpath import Address
from tests.faults import whole
from tests.faults.conftest import Stepper, copied, stepper, tiny  # noqa: F401 - fixtures
from tests.fuzz.budget import fuzz
from tests.fuzz.values import damage, damaged, scripts, words
from tests.unit.supervisor.harness import Launchd

Batch = list[list[str]]


@pytest.fixture
def directory(tiny: Path, tmp_path: Path) -> Path:  # noqa: F811 - pytest's way
    return copied(tiny, tmp_path / "root")


def arguments(word: str) -> str:
    """A word as execve(2) lets it be."""
    return word.replace("\0", "")


argument = words.map(arguments)
paths = st.one_of(argument, st.lists(argument, max_size=3).map(lambda parts: "/Users/"
                                                               + "/".join(parts)))
dscl = st.builds(lambda source, verb, path, rest: ["dscl", source, "-" + verb, path, *rest],
                 st.sampled_from([".", "/Local/Default", "localhost", "/Search"]),
                 st.sampled_from(sorted({*VERBS} - {"passwd", "auth", "authonly"})), paths,
                 st.lists(argument, max_size=4))
group = st.builds(lambda operation, options, name: ["dseditgroup", "-q", "-o", operation,
                                                    *sum(options, []), name],
                  st.sampled_from(["create", "edit", "delete", "read", "checkmember"]),
                  st.lists(st.tuples(st.sampled_from(["-a", "-d", "-i", "-r", "-t", "-g", "-f"]),
                                     argument).map(list), max_size=3), argument)
user = st.builds(lambda verb, name, options: ["sysadminctl", verb, name, "-home", "/var/empty",
                                              "-password", "", *sum(options, [])],
                 st.sampled_from(["-addUser", "-deleteUser"]), argument,
                 st.lists(st.tuples(st.sampled_from(["-fullName", "-UID", "-GID", "-shell"]),
                                    argument).map(list), max_size=2))


def test_command_lines(directory: Path, stepper: Stepper) -> None:  # noqa: F811
    """Nothing is a fault of ours, and everything agrees afterwards."""

    def target(batch: Batch) -> None:
        for argv, done in zip(batch, stepper.each(directory, batch), strict=True):
            said = done["out"] + done["err"]
            assert "Traceback" not in said and "internal error" not in said, (argv, said[-400:])
        whole.check(directory)

    fuzz(target, st.lists(st.one_of(dscl, dscl, group, user), min_size=1, max_size=8))


def test_edited_flat_files(directory: Path, stepper: Stepper) -> None:  # noqa: F811
    """Whatever somebody makes of a flat file: the directory is whole, and is what libc reads."""
    etc = directory / "private/etc"
    fields = st.lists(words, min_size=2, max_size=10).map(":".join)
    added = st.lists(fields, max_size=3).map(lambda lines: "\n".join(lines).encode(
        "utf-8", "surrogateescape"))
    edits = st.tuples(st.sampled_from(["passwd", "master.passwd", "group"]), added, scripts)

    def target(edit: tuple[str, bytes, Any]) -> None:
        file, lines, script = edit
        path = etc / file
        path.write_bytes(damage(path.read_bytes() + lines, script))
        for kind in ("/Users", "/Groups"):
            [done] = stepper.each(directory, [["dscl", ".", "-list", kind]])
            assert (done["status"], done["err"]) == (0, ""), done
        whole.check(directory)

    fuzz(target, edits)


VERBS_OF_LAUNCHD = ["bootstrap", "bootout", "enable", "disable", "kickstart", "start", "stop",
                    "kill", "remove", "submit", "list", "service", "domain", "disabled", "setenv",
                    "getenv", "limit", "setlimit", "ping", "handle", "_do_list", ""]
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words,
              st.sampled_from(["system", "gui/501", "user/0", "kept", "/dev/null", "nofile"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3),
                            st.dictionaries(words, inner, max_size=3)), max_leaves=6)
requests = st.builds(
    lambda verb, rest: {"verb": verb, **rest}, st.one_of(st.sampled_from(VERBS_OF_LAUNCHD), values),
    st.dictionaries(st.sampled_from(["domain", "label", "path", "force", "kill", "signal", "name",
                                     "soft", "hard", "values", "program", "arguments", "stdout",
                                     "stderr", "submitter"]), values, max_size=5))


def harmless(request: dict[str, Any]) -> bool:
    """Random requests of root must not run or stop anything but jobs that do nothing."""
    return request["verb"] not in ("submit", "setlimit")


def test_the_control_protocol(launchd: Launchd) -> None:
    """Each line gets one line back; the supervisor, and the job it keeps, live on."""
    assert launchd.load("steady", "exec sleep 1000", KeepAlive=True, ThrottleInterval=0) == 0

    def target(batch: list[dict[str, Any]]) -> None:
        batch = [request for request in batch if harmless(request)
                 and (request["verb"], request.get("label")) != ("kickstart", "steady")]
        with socket.socket(socket.AF_UNIX) as client, Address(launchd.socket) as short:
            client.settimeout(30)
            client.connect(short)
            lines = client.makefile("rb")
            for request in batch:
                text = json.dumps(request, ensure_ascii=True).encode()
                client.sendall(text.replace(b"\n", b" ") + b"\n")
                reply = json.loads(lines.readline())
                assert isinstance(reply["error"], int), request
        assert os.path.exists(f"/proc/{launchd.process.pid}")
        assert "steady" in launchd.labels()

    fuzz(target, st.lists(requests, max_size=6))
    assert "Traceback" not in launchd.log()
    assert launchd.service("steady")["runs"] == 1


def test_bytes_on_the_control_socket(launchd: Launchd) -> None:
    """Damaged lines: an error or nothing, never the end of the supervisor."""
    whole_lines = requests.filter(harmless).map(lambda request: json.dumps(request).encode())

    def target(data: bytes) -> None:
        with socket.socket(socket.AF_UNIX) as client, Address(launchd.socket) as short:
            client.settimeout(30)
            client.connect(short)
            client.sendall(data + b"\n")
            if data.replace(b"\n", b""):
                assert isinstance(json.loads(client.makefile("rb").readline())["error"], int)
        assert launchd.labels() == []

    fuzz(target, st.one_of(damaged(whole_lines), st.binary(max_size=100)))
