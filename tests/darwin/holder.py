"""Process 1 of a Darwin-like root: makes its mounts, then keeps it alive.

Started by `root.DarwinRoot` under unshare(1) as `python3 -I -S holder.py`, so it may import
nothing but the standard library.  Protocol: it writes one line `ready PID` (its own process
number as the outside sees it) when the root can be entered, and ends as soon as its standard
input reaches end of file, which also happens when the test process is killed.  The end of
process 1 takes every process of the root with it, and the last process takes the mounts.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import struct
import subprocess

# The machine's own /tmp is covered in our mount namespace only, so that no directory has to be
# made on the machine, and none can be left behind.
SCRATCH = "/tmp"
ROOT = SCRATCH + "/root"
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
# Large mounts of their own that a machine may have below /; overlayfs shows none of them.
SEPARATE = ("/usr", "/usr/local", "/var", "/opt")
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def mount(kind: str, target: str, options: str = "") -> None:
    """Mount a fresh file system of that kind; the error of mount(8) goes to standard error."""
    command = ["mount", "-t", kind]
    if options:
        command += ["-o", options]
    subprocess.run([*command, kind, target], check=True)


def overlay(lower: str, target: str) -> None:
    """Show `lower` at `target`; what is written there stays in the scratch memory."""
    layer = f"{SCRATCH}/layers/{lower.strip('/').replace('/', '-') or 'root'}"
    for part in ("upper", "work"):
        os.makedirs(f"{layer}/{part}")
    # The top of the merged tree takes its owner and mode from the upper layer.
    os.chmod(f"{layer}/upper", 0o755)
    mount("overlay", target, f"lowerdir={lower},upperdir={layer}/upper,workdir={layer}/work")


def mount_tree() -> None:
    """The machine's files, writable without effect, under ROOT."""
    mount("tmpfs", SCRATCH, "mode=0755")
    os.mkdir(ROOT)
    overlay("/", ROOT)
    for lower in SEPARATE:
        if os.path.ismount(lower):
            overlay(lower, ROOT + lower)


def mount_own() -> None:
    """What a root must not share with the machine: processes, devices, temporary files."""
    for directory in ("proc", "dev", "run", "tmp", "var/tmp"):
        os.makedirs(f"{ROOT}/{directory}", exist_ok=True)
    mount("proc", f"{ROOT}/proc")
    for directory, mode in (("run", "0755"), ("tmp", "1777"), ("var/tmp", "1777")):
        mount("tmpfs", f"{ROOT}/{directory}", f"mode={mode}")
    mount("tmpfs", f"{ROOT}/dev", "mode=0755")


def make_devices() -> None:
    """A small /dev: the harmless devices of the machine and private pty and shm areas."""
    for name in DEVICES:
        node = f"{ROOT}/dev/{name}"
        os.close(os.open(node, os.O_CREAT | os.O_WRONLY, 0o644))
        subprocess.run(["mount", "--bind", f"/dev/{name}", node], check=True)
    for directory in ("pts", "shm"):
        os.mkdir(f"{ROOT}/dev/{directory}")
    mount("devpts", f"{ROOT}/dev/pts", "newinstance,ptmxmode=0666,mode=0620")
    mount("tmpfs", f"{ROOT}/dev/shm", "mode=1777")
    os.symlink("pts/ptmx", f"{ROOT}/dev/ptmx")
    for name, target in DEVICE_LINKS.items():
        os.symlink(target, f"{ROOT}/dev/{name}")


def raise_loopback() -> None:
    """Switch the loopback interface on: in a new network namespace it is the only one, and off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def reap(_signal: int, _frame: object) -> None:
    """Collect every ended process that has no other parent in this root."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return  # nobody is left to wait for


def main() -> None:
    """Set the root up, say so, and stay until standard input ends."""
    os.umask(0o022)
    outer_pid = os.readlink("/proc/self")  # this /proc still numbers as the machine does
    mount_tree()
    mount_own()
    make_devices()
    raise_loopback()
    os.chroot(ROOT)
    os.chdir("/")
    # Only now: subprocess above waits for its own children.
    signal.signal(signal.SIGCHLD, reap)
    os.write(1, f"ready {outer_pid}\n".encode())
    while os.read(0, 1):
        continue


if __name__ == "__main__":
    main()
