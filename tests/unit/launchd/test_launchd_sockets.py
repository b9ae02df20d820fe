"""The Sockets key."""

from __future__ import annotations

from typing import Any

import pytest

from launchd_shim.check.jsonform import plain
from tests.unit.launchd.support import job, loaded, texts

DEFAULTS = {"type": "stream", "passive": True, "family": "", "protocol": "", "node": "",
            "service": "", "path": "", "mode": None, "owner": None, "group": None, "key": "",
            "multicast": "", "packet_info": False}


@pytest.mark.parametrize(("given", "differs"), [
    ({"SockServiceName": "ssh"}, {"service": "ssh"}),
    ({"SockServiceName": 8080, "SockNodeName": "127.0.0.1"},
     {"service": "8080", "node": "127.0.0.1"}),
    ({"SockServiceName": "tftp", "SockType": "DGRAM", "SockFamily": "ipv4v6"},
     {"service": "tftp", "type": "dgram", "family": "IPv4v6"}),
    ({"SockServiceName": "x", "SockProtocol": "udp", "SockPassive": False},
     {"service": "x", "protocol": "UDP", "passive": False}),
    ({"SockPathName": "/s", "SockPathMode": 438, "SockPathOwner": 501, "SockPathGroup": 20},
     {"path": "/s", "family": "Unix", "mode": 0o666, "owner": 501, "group": 20}),
    ({"SockPathName": "/s", "SockFamily": "IPv4"}, {"path": "/s", "family": "Unix"}),
    ({"SecureSocketWithKey": "SSH_AUTH_SOCK"}, {"key": "SSH_AUTH_SOCK"}),
    ({"SockServiceName": "mdns", "MulticastGroup": "224.0.0.251", "ReceivePacketInfo": True},
     {"service": "mdns", "multicast": "224.0.0.251", "packet_info": True}),
], ids=repr)
def test_sockets(given: dict[str, Any], differs: dict[str, Any]) -> None:
    [socket] = job(Sockets={"L": given}).when.sockets["L"]
    assert plain(socket) == {**DEFAULTS, **differs}


def test_several_under_one_name() -> None:
    found = job(Sockets={"A": [{"SockServiceName": "a"}, {"SockPathName": "/b"}],
                         "C": {"SockServiceName": "c"}}).when.sockets
    assert {name: [socket.service or socket.path for socket in sockets]
            for name, sockets in found.items()} == {"A": ["a", "/b"], "C": ["c"]}


@pytest.mark.parametrize(("given", "note"), [
    ({"SockType": "raw"},
     "ignored Sockets.L.SockType: SockType 'raw' is none of stream, dgram, seqpacket; ignored"),
    ({"SockFamily": "AppleTalk"}, "ignored Sockets.L.SockFamily: SockFamily 'AppleTalk' is none "
                                  "of IPv4, IPv6, IPv4v6, Unix; ignored"),
    ({"SockPathMode": 666}, "remark Sockets.L.SockPathMode: SockPathMode 666 is a decimal number, "
                            "that is mode 1232; mode 0666 is 438"),
    ({"SockPathMode": 4096},
     "ignored Sockets.L.SockPathMode: SockPathMode 4096 is not within 0 and 4095; ignored"),
    ({"SockPathOwner": -1}, "ignored Sockets.L.SockPathOwner: SockPathOwner -1 is not within 0 "
                            "and 4294967294; ignored"),
    ({"SecureSocketWithKey": "../x"}, "ignored Sockets.L.SecureSocketWithKey: "
                                      "SecureSocketWithKey '../x' is no name of a variable; "
                                      "ignored"),
    ({"Bonjour": ["_ssh"]}, "no effect Sockets.L.Bonjour: Bonjour has no effect: nothing is "
                            "advertised"),
    ({"SockPasive": True}, "ignored Sockets.L.SockPasive: Unknown key for boolean: SockPasive"),
    ({"SockPassive": "yes"},
     "ignored Sockets.L.SockPassive: SockPassive is a string, not a boolean; ignored"),
    ({"SockPathName": "/" + "x" * 103}, "remark Sockets.L.SockPathName: the path has 104 bytes, "
                                        "more than macOS allows"),
    ({"SockPathName": "/" + "é" * 54}, "remark Sockets.L.SockPathName: the path has 109 bytes, "
                                       "more than a socket can have"),
], ids=repr)
def test_faults(given: dict[str, Any], note: str) -> None:
    base = {} if "SockPathName" in given else {"SockServiceName": "x"}
    assert texts(loaded(Sockets={"L": {**base, **given}})) == [note]


@pytest.mark.parametrize(("given", "note"), [
    ({"SockFamily": "Unix"}, "remark Sockets.L.SockPathName: a Unix socket needs SockPathName"),
    ({}, "remark Sockets.L.SockServiceName: there is neither a service nor a path to listen on"),
    ({"SockServiceName": 65536}, "ignored Sockets.L.SockServiceName: SockServiceName 65536 is "
                                 "not within 0 and 65535; ignored"),
    ({"SockServiceName": ""}, "ignored Sockets.L.SockServiceName: SockServiceName is empty; "
                              "ignored"),
])
def test_a_socket_that_cannot_be_made_is_remarked_on(given: dict[str, Any], note: str) -> None:
    assert texts(loaded(Sockets={"L": given}))[0] == note


def test_what_is_no_socket_is_left_out() -> None:
    result = loaded(Sockets={"A": 5, "B": ["x", {"SockServiceName": "b"}], "C": []})
    assert list(result.job.when.sockets) == ["B"]
    assert texts(result) == [
        "ignored Sockets.A: A is an integer, not a dictionary; ignored",
        "ignored Sockets.B[0]: B[0] is a string, not a dictionary; ignored",
        "remark Sockets.C: C is an empty array: there is no socket in it"]
