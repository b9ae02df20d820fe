"""dscacheutil, whole: accounts from the directory, the rest from the root's /etc."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv.dscacheutil import _USAGE
from tests.support import passwd_entries, put, run

USAGE = _USAGE.format(name="dscacheutil")
NO_DETAILS = "Unable to get details from the cache node\n"

ADA = """\
name: ada
password: ********
uid: 501
gid: 20
dir: /Users/ada
shell: /bin/zsh
gecos: Ada Example

"""
BARE = """\
name: bare
password: *
uid: -5
gid: -2
dir: /var/empty
shell: /usr/bin/false
gecos: two lines

"""
DEVS = "name: devs\npassword: *\ngid: 701\nusers: ada bob \n\n"
LONELY = "name: lonely\npassword: *\ngid: 702\n\n"

FILES = {
    "hosts": """\
# a comment
127.0.0.1\tlocalhost
::1             localhost ip6-localhost # another
fe80::1%lo0\tlocalhost
10.0.0.1 Web.example www   intranet
10.0.0.2 web.example
999.1.1.1 wrong
10.0.0.3
""",
    "services": """\
http             80/udp     www www-http # World Wide Web HTTP
http             80/tcp     www www-http # World Wide Web HTTP
ssh\t22/tcp
wrong 22
worse x/tcp
""",
    "rpc": "portmapper 100000 portmap sunrpc\nrstatd 100001\n",
    "protocols": "ip 0 IP # internet protocol\ntcp 6 TCP\n",
    "fstab": """\
UUID=AB none hfs ro,noauto 1 2
/dev/disk9 /mnt msdos noexec
/dev/disk8 /gone msdos xx
LABEL=short
""",
}
LOCALHOST_6 = """\
name: localhost
alias: ip6-localhost \n\
ipv6_address: ::1
ipv6_address: fe80::1

"""
LOCALHOST_4 = "name: localhost\nip_address: 127.0.0.1\n\n"
WEB_1 = "name: Web.example\nalias: www intranet \nip_address: 10.0.0.1\n\n"
WEB_2 = "name: web.example\nip_address: 10.0.0.2\n\n"
HTTP_UDP = "name: http\naliases: www www-http \nprotocol: udp\nport: 80\n\n"
HTTP_TCP = "name: http\naliases: www www-http \nprotocol: tcp\nport: 80\n\n"
SSH = "name: ssh\nprotocol: tcp\nport: 22\n\n"
PORTMAPPER = "name: portmapper\naliases: portmap sunrpc \nnumber: 100000\n\n"
RSTATD = "name: rstatd\nnumber: 100001\n\n"
TCP = "name: tcp\naliases: TCP \nnumber: 6\n\n"
MOUNT_1 = """\
name: UUID=AB
file: none
vfstype: hfs
options: ro,noauto
type: ro
vfstype: hfs
frequency: 1
pass: 2

"""
MOUNT_2 = """\
name: /dev/disk9
file: /mnt
vfstype: msdos
options: noexec
type: rw
vfstype: msdos
frequency: 0
pass: 0

"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with accounts and all files; no test of this module changes it."""
    path = tmp_path_factory.mktemp("root")
    put(path, "Users/ada", {
        "RecordName": ["ada", "lovelace"], "UniqueID": ["501"], "PrimaryGroupID": ["20"],
        "NFSHomeDirectory": ["/Users/ada"], "UserShell": ["/bin/zsh"],
        "RealName": ["Ada Example"], "Password": ["********"],
    })
    put(path, "Users/bare", {
        "UniqueID": ["-5"], "PrimaryGroupID": ["-2"], "RealName": ["two\nlines"],
    })
    put(path, "Users/nouid", {"PrimaryGroupID": ["20"]})
    put(path, "Users/nogid", {"UniqueID": ["555"]})
    put(path, "Groups/devs", {
        "RecordName": ["devs", "makers"], "PrimaryGroupID": ["701"],
        "GroupMembership": ["ada", "bob"],
        "NestedGroups": ["ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000050"],
    })
    put(path, "Groups/lonely", {"PrimaryGroupID": ["702"]})
    put(path, "Groups/nogid", {})
    for name, text in FILES.items():
        (path / "private/etc" / name).write_text(text)
    return path


@pytest.mark.parametrize(
    ("query", "out"),
    [
        ("user -a name ada", ADA), ("user -a name lovelace", ADA), ("USER -a NAME Ada", ADA),
        ("user -a uid 501", ADA), ("user -a uid 501x", ADA),
        ("user -a name bare", BARE), ("user -a uid 4294967291", BARE),
        ("user -a name nosuch", ""), ("user -a uid 9999", ""),
        ("user -a name nouid", ""), ("user -a uid 555", ""), ("user -a gid 20", ""),
        ("group -a name devs", DEVS), ("group -a name makers", DEVS), ("group -a gid 701", DEVS),
        ("group -a gid 702", LONELY), ("group -a name nogid", ""), ("group -a uid 701", ""),
        ("host", LOCALHOST_4 + "name: localhost\nalias: ip6-localhost \nipv6_address: ::1\n\n"
         "name: localhost\nipv6_address: fe80::1\n\n" + WEB_1 + WEB_2),
        ("host -a name localhost", LOCALHOST_6 + LOCALHOST_4),
        ("host -a name WWW", WEB_1), ("host -a name nosuch", ""),
        ("host -a name web.EXAMPLE", "name: Web.example\nalias: www intranet web.example \n"
         "ip_address: 10.0.0.1\nip_address: 10.0.0.2\n\n"),
        ("host -a ip_address 10.0.0.2", WEB_2), ("host -a ip_address 10.9.9.9", ""),
        ("host -a ip_address 0:0::1",
         "name: localhost\nalias: ip6-localhost \nipv6_address: ::1\n\n"),
        ("host -a port 1", ""),
        ("service", HTTP_UDP + HTTP_TCP + SSH), ("service -a name www", HTTP_UDP),
        ("service -a port 22", SSH), ("service -a port 1", ""), ("service -a number 22", ""),
        ("rpc", PORTMAPPER + RSTATD), ("rpc -a name sunrpc", PORTMAPPER),
        ("rpc -a number 100001", RSTATD), ("rpc -a name nosuch", ""),
        ("protocol -a name tcp", TCP), ("protocol -a number 6", TCP),
        ("mount", MOUNT_1 + MOUNT_2), ("fstab", MOUNT_1 + MOUNT_2),
        ("mount -a name /dev/disk9", MOUNT_2), ("mount -a number 0", ""),
        ("nonsense", ""), ("nonsense -a name ada", ""),
    ],
)
def test_queries(root: Path, query: str, out: str) -> None:
    done = run(root, "dscacheutil", "-q", *query.split())
    assert (done.stdout, done.stderr, done.returncode) == (out, "", 0)


def test_all_users_are_the_users_of_passwd(root: Path) -> None:
    done = run(root, "dscacheutil", "-q", "user")
    blocks = done.stdout.split("\n\n")[:-1]
    names = [block.split("\n")[0].removeprefix("name: ") for block in blocks]
    assert sorted(names) == sorted(passwd_entries(root))
    assert names[-2:] == ["ada", "bare"] and "nouid" not in names
    assert (done.stderr, done.returncode) == ("", 0)


def test_all_groups_in_the_order_of_their_creation(root: Path) -> None:
    done = run(root, "dscacheutil", "-q", "group")
    assert done.stdout.endswith(DEVS + LONELY)
    assert "name: admin\npassword: *\ngid: 80\nusers: root \n\n" in done.stdout


def test_an_address_that_is_none(root: Path) -> None:
    done = run(root, "dscacheutil", "-q", "host", "-a", "ip_address", "1.2.3")
    assert (done.stdout, done.stderr, done.returncode) == ("", "Invalid address provided\n", 0)


@pytest.mark.parametrize("category", ["host", "service", "rpc", "protocol", "mount"])
def test_without_files(tmp_path: Path, category: str) -> None:
    done = run(tmp_path, "dscacheutil", "-q", category)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("10.0.0.1 secret\n")
    etc = tmp_path / "private/etc"
    etc.mkdir(parents=True)
    (etc / "hosts").symlink_to(tmp_path / "secret")
    assert run(tmp_path, "dscacheutil", "-q", "host").stdout == ""


@pytest.mark.parametrize(
    ("line", "out", "err", "status"),
    [
        ("", USAGE, "", 64), ("-h", USAGE, "", 0), ("--help", USAGE, "", 0),
        ("-d", USAGE, "", 64), ("-q user -h", USAGE, "", 0), ("word", USAGE, "", 64),
        ("-q user -a name", USAGE, "", 64), ("-q user -a uid -2", USAGE, "", 64),
        ("-q user -a", "", "dscacheutil: option requires an argument -- a\n", 64),
        ("-q", "", "dscacheutil: option requires an argument -- q\n", 64),
        ("-z", "", "dscacheutil: illegal option -- z\n", 64),
        ("--help -h", "", "dscacheutil: illegal option -- -\n", 64),
        ("-flush", USAGE, "", 64), ("-cache", USAGE, "", 64), ("-stats", USAGE, "", 64),
        ("-bucket", USAGE, "", 64), ("-entry", USAGE, "", 64),
        ("-flushcache", "", "", 0), ("-q user -flushcache", "", "", 0), ("-f lushcache", "", "", 0),
        ("-cachedump", "", NO_DETAILS, 0), ("-cachedump -buckets", "", NO_DETAILS, 0),
        ("-cachedump -entries user", "", NO_DETAILS, 0),
        ("-cachedump -entries -buckets", "", NO_DETAILS, 0), ("-entries", USAGE, "", 64),
        ("-statistics", "\n", NO_DETAILS, 0),
        ("-configuration", "DirectoryService Cache search policy:\n    /Local/Default\n\n",
         NO_DETAILS + "Unable to get cache configuration information\n", 0),
    ],
)
def test_the_rest(root: Path, line: str, out: str, err: str, status: int) -> None:
    done = run(root, "dscacheutil", *line.split())
    assert (done.stdout, done.stderr, done.returncode) == (out, err, status)


@pytest.mark.parametrize(
    ("euid", "out", "err", "status"),
    [
        ("0", "", NO_DETAILS, 0),
        ("501", "Viewing host entries requires administrator privileges.\n", "", 77),
        ("9999", "Viewing host entries requires administrator privileges.\n", "", 77),
        ("504", "", NO_DETAILS, 0),
    ],
)
def test_who_may_see_host_entries(
    tmp_path: Path, euid: str, out: str, err: str, status: int
) -> None:
    put(tmp_path, "Users/ada", {"UniqueID": ["501"], "PrimaryGroupID": ["20"]})
    put(tmp_path, "Users/boss", {"UniqueID": ["504"], "PrimaryGroupID": ["80"]})
    done = run(tmp_path, "dscacheutil", "-cachedump", "-entries", "host",
               env={"DIRSERV_EUID": euid})
    assert (done.stdout, done.stderr, done.returncode) == (out, err, status)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "private/etc/hosts").mkdir(parents=True)
    done = run(tmp_path, "dscacheutil", "-q", "host")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
