"""The checks, as data: each finds one kind of fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from dirserv.admin.doctor import accounts, database, files, machine
from dirserv.admin.doctor.site import Site, Unknown

ERROR, WARNING, HINT = "error", "warning", "hint"


class Check(NamedTuple):
    """``find`` yields a line for each fault of its kind; ``remedy`` is the next step."""

    code: str
    severity: str
    find: Callable[[Site], Iterator[str]]
    remedy: str


class Finding(NamedTuple):
    """One fault."""

    code: str
    severity: str
    text: str
    remedy: str


_REPAIR = "darling-dirserv repair"
_REMOVE = "take the member out: dseditgroup -o edit -d, or dscl . -delete"
_RENUMBER = "give one another id: dscl . -create"

CHECKS = (
    Check("lock-held", ERROR, files.lock, "find who it is with fuser(1) or lsof(8), and end it"),
    Check("no-database", ERROR, database.missing, _REPAIR),
    Check("damaged-database", ERROR, database.damaged, _REPAIR),
    Check("old-schema", WARNING, database.older, "darling-dirserv init"),
    Check("new-schema", ERROR, database.newer, "use the darling-dirserv that wrote it"),
    Check("orphans", ERROR, database.orphans, _REPAIR),
    Check("log-unprotected", WARNING, database.log, _REPAIR),
    Check("snapshot", ERROR, database.snapshot, _REPAIR),
    Check("flat-file", ERROR, database.flat_files,
          "any command by the owner takes an edit over; else " + _REPAIR),
    Check("plist", ERROR, database.plists,
          "any command by the owner takes an edit over; else " + _REPAIR),
    Check("leftover", WARNING, database.leftovers, _REPAIR),
    Check("link", ERROR, files.links, "find out who made it, then " + _REPAIR),
    Check("mode", ERROR, files.modes, _REPAIR),
    Check("open-directory", ERROR, files.open_parents, "chmod 0755"),
    Check("owner", ERROR, files.owners, _REPAIR),
    Check("two-etc", ERROR, files.other_etc,
          "make it a link into private, or let darling-dirserv install do that"),
    Check("ptmp", ERROR, files.editor, "end the editor, or remove the file"),
    Check("disk", WARNING, files.space, "make room"),
    Check("uid-clash", ERROR, accounts.clashing_uids, _RENUMBER),
    Check("gid-clash", ERROR, accounts.clashing_gids, _RENUMBER),
    Check("uuid-clash", ERROR, accounts.duplicate_uuids, "give one a new GeneratedUID"),
    Check("name-clash", ERROR, accounts.duplicate_names, "rename one: dscl . -change"),
    Check("dangling-name", WARNING, accounts.dangling_names, _REMOVE),
    Check("dangling-uuid", WARNING, accounts.dangling_uuids, _REMOVE),
    Check("dangling-group", WARNING, accounts.dangling_groups, _REMOVE),
    Check("no-primary-group", WARNING, accounts.no_primary_group,
          "make the group, or change the user's PrimaryGroupID"),
    Check("unlisted-members", WARNING, accounts.primary_only,
          "list them: dseditgroup -o edit -a NAME -t user GROUP"),
    Check("old-nixbld-ids", WARNING, accounts.old_nixbld_ids, "darling-dirserv nixbld renumber"),
    Check("macos-id", WARNING, accounts.builtin_ids, "move it to an id above 500"),
    Check("receipt", ERROR, machine.receipt, "run that command once more"),
    Check("version", WARNING, machine.version, "darling-dirserv upgrade"),
    Check("interpreter", ERROR, machine.interpreter, "darling-dirserv install --python PATH"),
    Check("byte-code", WARNING, machine.byte_code, "darling-dirserv install"),
    Check("changed-file", WARNING, machine.installed_files, "darling-dirserv install"),
    Check("filler", WARNING, machine.fillers, "darling-dirserv install"),
    Check("stale-container", WARNING, machine.init_pid, "darling shutdown, or remove the file"),
    Check("launchd", ERROR, machine.launchd, "launchctl list starts a new one"),
    Check("disabled-plist", WARNING, machine.overrides, "remove it, or restore it from a backup"),
    Check("sandbox-conf", ERROR, machine.sandbox_settings,
          "darling-dirserv sandbox mode MODE sets it; or remove the file"),
    Check("macos-version", HINT, machine.system_version,
          "darling-dirserv install --system-version 14.5"),
    Check("nix-config", HINT, machine.nix_config, "darling-dirserv nix install sets it"),
)


def examine(site: Site) -> Iterator[Finding]:
    """Every finding, in the table's order. What cannot be looked at because of an earlier
    finding is passed over."""
    for code, severity, find, remedy in CHECKS:
        try:
            for text in find(site):
                yield Finding(code, severity, text, remedy)
        except Unknown:
            continue
