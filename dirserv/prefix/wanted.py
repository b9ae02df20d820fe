"""Everything that a tree is to hold: commands, package, gap-fillers, what Darling needs besides.

A pure description: nothing here changes the tree. Paths are as macOS has them; parents are added
where the tree lacks them.
"""

from __future__ import annotations

import os
import plistlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dirserv import fillers
from dirserv.fillers.table import FILLERS, Filler
from dirserv.prefix import launchers, package
from dirserv.prefix.launchers import HOST, LIBRARY, ORIGINALS
from dirserv.prefix.target import DARLING, Target
from launchd_shim.supervisor.darling import MLDR
from sandbox_stub import launcher as sandbox

#: The commands that every tree gets, at their macOS paths. Others are fillers.
COMMANDS = {
    "dscl": "/usr/bin/dscl",
    "dscacheutil": "/usr/bin/dscacheutil",
    "dserr": "/usr/bin/dserr",
    "dsimport": "/usr/bin/dsimport",
    "pwpolicy": "/usr/bin/pwpolicy",
    "dseditgroup": "/usr/sbin/dseditgroup",
    "sysadminctl": "/usr/sbin/sysadminctl",
    "dsenableroot": "/usr/sbin/dsenableroot",
}

#: The job by which Darling's own launchd starts our supervisor with the container.
BOOT_LABEL = "org.darling-dirserv.launchd"
BOOT_JOB = f"/System/Library/LaunchDaemons/{BOOT_LABEL}.plist"
BOOT_PROGRAM = f"{LIBRARY}/launchd-boot"
#: Without it 842's load and unload complain and keep no overrides (spec/darling.md).
OVERRIDES_842 = "/private/var/db/launchd.db/com.apple.launchd"

#: Second names: macOS has /etc, /var and /tmp as links into /private.
_TWINS = {"etc": 0o755, "var": 0o755, "tmp": 0o1777}


@dataclass(frozen=True)
class Wanted:
    """Something to lay. ``data`` is a file's content, ``target`` a link's; without either it is a
    directory. ``name`` is what --without takes."""

    path: str
    name: str
    mode: int = 0o644
    data: bytes | None = None
    target: str | None = None
    config: bool = False
    why: str = ""


@dataclass(frozen=True)
class Choices:
    """What the admin may choose."""

    python: str
    without: frozenset[str] = frozenset()
    system_version: str = ""
    #: Fillers that an earlier run has laid: they stay, whatever the tree now looks like.
    laid: frozenset[str] = frozenset()


def names() -> list[str]:
    """What --without takes, in alphabetical order."""
    return sorted({*COMMANDS, *FILLERS, *_DARLING, "launchd-shim"})


def everything(target: Target, choices: Choices) -> list[Wanted]:
    """All that is to be laid in a tree, except what was refused."""
    layout = list(_twins(target))
    target.tree.links = {one.path: one.target for one in layout if one.target is not None}
    wanted = [*layout, *_commands(target, choices), *_fillers(target, choices)]
    if target.kind == DARLING:
        for make in _DARLING.values():
            wanted += make(target, choices)
    wanted = [one for one in wanted if one.name not in choices.without]
    needs = tuple(sorted({need for one in wanted if one.name in FILLERS
                          for need in FILLERS[one.name].needs}))
    code = package.files(choices.python, needs)
    return wanted + [Wanted(path, "package", data=data) for path, data in code.items()]


def _twins(target: Target) -> Iterator[Wanted]:
    """Directories that have two names on macOS: the missing name becomes a link to the other."""
    for name, mode in _TWINS.items():
        here = target.tree.state(name)
        there = target.tree.state(f"private/{name}")
        if here is not None and there is None:
            yield Wanted(f"private/{name}", "layout", target=f"../{name}")
        elif here is None:
            if there is None:
                yield Wanted(f"private/{name}", "layout", mode)
            yield Wanted(name, "layout", target=f"private/{name}")
    yield Wanted("private/var/db", "layout", 0o755)


def _commands(target: Target, choices: Choices) -> Iterator[Wanted]:
    for name, path in COMMANDS.items():
        data = launcher(target, choices, path, "dirserv.command", f"{name!r}, root")
        yield Wanted(path, name, 0o755, data)
    shim = "/usr/local/bin/launchd-shim"
    yield Wanted(shim, "launchd-shim", 0o755,
                 launcher(target, choices, shim, "launchd_shim.main", ""))


def launcher(
    target: Target, choices: Choices, path: str, module: str, call: str,
    passed_on: tuple[str, ...] = (), original: str = "",
) -> bytes:
    """The file at a macOS path of the target that calls ``main(call)`` of a module."""
    if target.kind == DARLING:
        return launchers.darling(choices.python, target.root, module, call, passed_on, original)
    place = target.tree.resolve(path)
    return launchers.plain(choices.python, place, module, call, passed_on, original)


# -- fillers -----------------------------------------------------------------------------------

def _fillers(target: Target, choices: Choices) -> Iterator[Wanted]:
    for filler in FILLERS.values():
        why = "" if filler.name in choices.laid else _reason(target, filler)
        # What a filler is made of need not be here.
        if why is not None and all(map(package.available, filler.needs)):
            yield from _laid(target, choices, filler, why)


def _reason(target: Target, filler: Filler) -> str | None:
    """Why the tree needs it: asked of the layer that holds the path, the upper one first."""
    lower = target.tree.lower
    upper = any(os.path.lexists(target.root + path) for path in filler.paths)
    return filler.missing(target.root if upper or lower is None else lower)


def _laid(target: Target, choices: Choices, filler: Filler, why: str) -> Iterator[Wanted]:
    kept = ""
    if filler.original:
        before = original_content(target, filler.paths[0])
        if before is not None:
            kept = f"{ORIGINALS}/{filler.name}"
            yield Wanted(kept, filler.name, 0o755, before)
    for path in filler.paths:
        if filler.name == "sandbox-exec":
            yield Wanted(path, filler.name, filler.mode, _sandbox_exec(target, choices), why=why)
        elif filler.kind == "directory":
            yield Wanted(path, filler.name, filler.mode, why=why)
        elif filler.kind == "link":
            yield Wanted(path, filler.name, target=filler.source, why=why)
        elif filler.kind == "sh":
            data = _filled(target, choices, filler.source, kept)
            yield Wanted(path, filler.name, filler.mode, data, why=why)
        else:
            data = launcher(target, choices, path, filler.source,
                            f"{filler.name!r}, root", filler.passed_on, kept)
            yield Wanted(path, filler.name, filler.mode, data, why=why)


def original_content(target: Target, path: str) -> bytes | None:
    """The program that was at a path before anything of ours; None without one."""
    from dirserv.prefix import receipt

    tree, place = target.tree, target.tree.follow(path)
    kept = receipt.original(tree.resolve(path))
    if tree.state(kept) is not None:
        return tree.read(kept)
    laid = receipt.load(tree)
    if laid is not None and any(item.path == place for item in laid.items):
        old = f"{ORIGINALS}/{path.rpartition('/')[2]}"
        return tree.read(old) if tree.state(old) is not None else None
    state = tree.state(place)
    return tree.read(place) if state is not None and state.kind == "file" else None


def _filled(target: Target, choices: Choices, source: str, kept: str) -> bytes:
    """An sh file with its placeholders filled in, as text between single quotes."""
    text = Path(fillers.__file__).with_name(source).read_text(encoding="utf-8")
    values = {"@ROOT@": "" if target.kind == DARLING else target.root, "@ORIGINAL@": kept,
              "@SYSTEM_VERSION@": choices.system_version}
    for mark, value in values.items():
        text = text.replace(mark, value.replace("'", "'\\''"))
    return text.encode()


def _sandbox_exec(target: Target, choices: Choices) -> bytes:
    """sandbox-exec is an sh file of its own, which starts Python only for the work it cannot do."""
    text = (package.SOURCE / "sandbox_stub/sandbox-exec").read_text(encoding="utf-8")
    darling = target.kind == DARLING
    text = sandbox.installed(
        text, root="" if darling else target.root, host=target.root,
        mldr=f"{target.libexec}/{MLDR}" if darling else "", library=target.root + LIBRARY,
        python=(HOST if darling else "") + choices.python)
    if darling:
        return text.encode()
    # The same file serves in a chroot, where the tree's host path means nothing.
    inside = f'[ -d "$sx_library" ] || {{ sx_root= sx_host= sx_library={LIBRARY}; }}\n'
    head, line, rest = text.partition("sx_python=")
    python, _, rest = rest.partition("\n")
    return f"{head}{line}{python}\n{inside}{rest}".encode()


# -- what only a Darling prefix needs ----------------------------------------------------------

def _boot(target: Target, choices: Choices) -> Iterator[Wanted]:
    """Our supervisor at boot, as the child of an sh that 842 runs."""
    program = launchers.darling(choices.python, target.root, "launchd_shim.supervisor.main",
                                "root")
    yield Wanted(BOOT_PROGRAM, "boot", 0o755, program)
    job = {"Label": BOOT_LABEL, "RunAtLoad": True, "ProgramArguments": ["/bin/sh", BOOT_PROGRAM]}
    yield Wanted(BOOT_JOB, "boot", data=plistlib.dumps(job))
    yield Wanted(OVERRIDES_842, "boot", 0o755)
    settings = f"libexec = {target.libexec}\nprefix = {target.root}\n"
    yield Wanted(f"{LIBRARY}/darling.conf", "boot", data=settings.encode())


def _var_db(target: Target, _: Choices) -> Iterator[Wanted]:
    """A real /var hides the link to private/var, and with it /var/db."""
    tree = target.tree
    var = tree.state("var")
    if var is not None and var.kind == "dir" and tree.state("var/db") is None:
        yield Wanted("var/db", "var-db", target="../private/var/db")


def _profiles(target: Target, _: Choices) -> Iterator[Wanted]:
    """Shell profiles that the prefix's user cannot write become his own."""
    tree, owner = target.tree, target.tree.owner[0]
    for name in ("bashrc", "zshrc"):
        path = tree.resolve(f"private/etc/{name}")
        state = tree.state(path)
        if state is not None and state.kind == "file" and state.owner[0] != owner:
            yield Wanted(path, "profiles", state.mode, tree.read(path), config=True)


def _nix_conf(target: Target, _: Choices) -> Iterator[Wanted]:
    """The installer makes /etc/nix unwritable before it writes nix.conf there, which stops
    everybody but the host's root."""
    path = target.tree.resolve("private/etc/nix/nix.conf")
    if target.tree.owner[0] != 0 and target.tree.state(path) is None:
        yield Wanted(path, "nix-conf", data=b"", config=True)


#: Name -> what is laid under it in a Darling prefix.
_DARLING = {"boot": _boot, "var-db": _var_db, "profiles": _profiles, "nix-conf": _nix_conf}
