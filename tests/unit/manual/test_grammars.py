"""What the pages say that a command takes is what the command's own parser takes."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from dirserv import createhomedir, dscacheutil, dseditgroup, dsenableroot, dsmemberutil
from dirserv.dscl import grammar
from dirserv.dsimport import options as dsimport_options
from dirserv.pwpolicy import options as pwpolicy_options
from dirserv.sysadminctl import options as sysadminctl_options
from launchd_shim.launchctl.main import _function
from launchd_shim.launchctl.subcommands import SUBCOMMANDS
from launchd_shim.main import HELP
from sandbox_stub import commandline, library
from tests import support
from tests.unit.manual.parsers import PARSERS, choices, group, letters, needed, options, verbs


class Seen(Exception):
    """Carries the letters that a command wanted to read."""


def _spy(_name: str, _arguments: list[str], wanted: str) -> None:
    raise Seen(wanted)


def test_dscl_options() -> None:
    real = dict.fromkeys(grammar._FLAGS, False) | dict.fromkeys(grammar._VALUES, True)
    assert options(PARSERS["dscl"](), "options") == real


def test_dscl_verbs() -> None:
    shown = {action.dest.removeprefix("-"): action
             for action in group(PARSERS["dscl"](), "commands")}
    assert {verb: needed(str(action.metavar or "")) for verb, action in shown.items()} \
        == {verb: count for verb, (count, _) in grammar.VERBS.items()}
    for verb, (_, synonyms) in grammar.VERBS.items():
        described = str(shown[verb].help).partition("Synonym")[2]
        assert [word for word in synonyms if word != "." and word not in described] == []
        assert bool(synonyms) == bool(described), verb


def test_dseditgroup() -> None:
    parser = PARSERS["dseditgroup"]()
    assert options(parser) == letters(dseditgroup._LETTERS)
    assert choices(parser, "-o") == list(dseditgroup._OPERATIONS)
    assert choices(parser, "-t") == choices(parser, "-T") == list(dseditgroup._TYPES)


@pytest.mark.parametrize("module", [createhomedir, dsenableroot])
def test_getopt(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module.__name__.rpartition(".")[2]
    monkeypatch.setattr(module, "getopt", _spy)
    with pytest.raises(Seen) as seen:
        module.run([name, "-u", "x"], None, None)
    assert options(PARSERS[name]()) == letters(str(seen.value))


def test_dscacheutil(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dscacheutil, "Getopt", _spy)
    with pytest.raises(Seen) as seen:
        dscacheutil.run(["dscacheutil", "-q", "user"], None, None)
    words = {f"-{letter}{rest}" for letter, rests in dscacheutil._WORDS.items() for rest in rests}
    single = {flag: valued for flag, valued in letters(str(seen.value)).items()
              # -d and -D are undocumented; words are read as a letter and its value
              if flag[1] not in "dD" and flag[1] not in dscacheutil._WORDS}
    assert options(PARSERS["dscacheutil"]()) == {**single, **dict.fromkeys(words, False)}


def test_dsmemberutil(root: Path) -> None:
    parser = PARSERS["dsmemberutil"]()
    assert list(verbs(parser)) == list(dsmemberutil._VERBS)
    directory = support.directory(root)

    def known(verb: str, letter: str) -> bool:
        """Whether the verb's first option may be this letter, or the second one."""
        said = ""
        for words in ([f"-{letter}", "x"], ["-U", "root", f"-{letter}", "x"]):
            err = dsmemberutil.run(["dsmemberutil", verb, *words], None, directory).err
            said += "" if f"illegal option -- {letter}\n" in err else "known"
            if verb != "checkmembership":
                break
        return "known" in said

    for verb, made in verbs(parser).items():
        if dsmemberutil._VERBS[verb] is not dsmemberutil._nothing:
            real = {f"-{letter}" for letter in string.ascii_letters if known(verb, letter)}
            assert set(options(made)) == real, verb


def test_sysadminctl() -> None:
    parser = PARSERS["sysadminctl"]()
    real = {**dict.fromkeys(sysadminctl_options.COMMANDS, True),
            **dict.fromkeys(sysadminctl_options._VALUES, True),
            **dict.fromkeys(sysadminctl_options._FLAGS - {"interactive"}, False)}
    assert options(parser) == real
    assert {*options(parser, "commands")} == {*sysadminctl_options.COMMANDS,
                                              sysadminctl_options.OWN_PASSWORD}
    assert [action.dest for action in group(parser, "operand")] == ["interactive"]


def test_dsimport() -> None:
    parser = PARSERS["dsimport"]()
    real = {name: count > 0 for name, count in dsimport_options._VALUES.items()
            if name not in dsimport_options._MISSING}
    assert options(parser) == real
    assert choices(parser, "mode") == list(dsimport_options.MODES)


def test_pwpolicy() -> None:
    parser = PARSERS["pwpolicy"]()
    real = {f"-{letter}": True for letter in pwpolicy_options._VALUES}
    assert options(parser, "options") == {**real, "-v": False, "-h": False}
    counts = {name: 2 if count is None else 0 if name in pwpolicy_options._OPTIONAL else count
              for name, (_, _, count) in pwpolicy_options.COMMANDS.items()}
    shown = {action.dest.removeprefix("-"): needed(str(action.metavar or "").removesuffix("..."))
             for action in group(parser, "commands")}
    assert shown == counts


def test_sandbox_exec() -> None:
    def known(letter: str) -> bool:
        try:
            commandline.parse(["sandbox-exec", f"-{letter}", "k=v", "-p", "", "true"])
        except commandline.Failed as failure:
            return "illegal option" not in str(failure)
        return True

    parser = PARSERS["sandbox-exec"]()
    real = {f"-{letter}": True for letter in string.ascii_letters if known(letter)}
    assert options(parser) == real
    profiles = {path.stem for path in Path(library.__file__).parent.glob("profiles/*.sb")}
    assert set(choices(parser, "-n")) == profiles - {"bsd", "system"}


class Call:
    """A call of launchctl that can only say which options would be read."""

    arguments: tuple[str, ...] = ()

    def options(self, wanted: str) -> None:
        """As launchd_shim.launchctl.call.Call has it."""
        raise Seen(wanted)


def test_launchctl() -> None:
    made = verbs(PARSERS["launchctl"]())
    assert list(made) == [name for name, *_ in SUBCOMMANDS]
    for name, where, _, _ in SUBCOMMANDS:
        real = {}
        if where:
            try:
                _function(where)(Call())
            except Seen as seen:
                real = letters(str(seen))
            except Exception:  # noqa: BLE001 - it wants something else: it reads no options
                real = {}
        assert options(made[name]) == ({"--wait": False} if name == "bootout" else real), name


def test_launchd_shim() -> None:
    shown = [line.split()[0] for line in HELP.partition("commands:\n")[2].split("\n\n")[0]
             .splitlines()]
    assert list(verbs(PARSERS["launchd-shim"]())) == shown


def test_letters_and_needed() -> None:
    assert letters("ab:?h") == {"-a": False, "-b": True, "-h": False}
    assert [needed(usage) for usage in ("", "[a [b]]", "a [b | c d] e ...")] == [0, 0, 3]
