"""The command plutil: its grammar, and one function for each verb."""

from __future__ import annotations

import sys
from collections.abc import Callable

from dirserv.fillers.plutil import formats, keypath, values
from dirserv.fillers.plutil.call import Call
from dirserv.fillers.plutil.fault import Fault
from dirserv.fillers.plutil.printing import pretty
from dirserv.fillers.plutil.xmlfault import MAX_DEPTH
from dirserv.outcome import Outcome
from dirserv.paths import Root

_HELP = """\
{name}: [command_option] [other_options] file...
The file '-' means standard input.
 -help                         show this
 -lint                         check the syntax (the default)
 -convert fmt                  write the files anew as xml1, binary1 or json
 -insert keypath -type value   put a value in; -type is -bool, -integer, -float, -string, -date,
                               -data, -xml, -json, -dictionary or -array (these two without value);
                               -append behind it adds to the array at the key path
 -replace keypath -type value  the same, also over an existing value
 -remove keypath               take a value out
 -extract keypath fmt          write the value at the key path as xml1, binary1, json or raw;
                               -expect type behind it fails for another type
 -type keypath                 print the type of the value at the key path
 -create fmt                   write an empty list
 -p                            print for people
other options: -s (say nothing of success) -o path ('-': standard output) -e extension
               -r (indent JSON) -n (no end of line after raw) -- (only files follow)
"""


def run(argv: list[str], root: Root) -> Outcome:
    """The command plutil: status 0, or 1 when anything failed."""
    arguments = argv[1:]
    if not arguments:
        return Outcome(err="No files specified.\n", status=1)
    if arguments[0] == "-help":
        return Outcome(out=_HELP.format(name=argv[0].rpartition("/")[2]))
    verb = _VERBS.get(arguments[0])
    # Each level of a list costs a few calls in what walks over it.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * MAX_DEPTH + 500))
    try:
        return _lint(root, arguments) if verb is None else verb(root, arguments[1:])
    except Fault as fault:
        return Outcome(err=f"{fault}\n", status=1)


def _lint(root: Root, arguments: list[str]) -> Outcome:
    call = Call(root, arguments)
    call.options.refuse_output("-lint")

    def step(call: Call, file: str) -> None:
        formats.parse_plist(call.data(file))
        if not call.options.silent:
            call.outcome.say(f"{'<stdin>' if file == '-' else file}: OK")

    return call.each(step)


def _print(root: Root, arguments: list[str]) -> Outcome:
    call = Call(root, arguments)
    call.options.refuse_output("-p")
    if call.options.silent:
        call.outcome.complain("-s doesn't make a lot of sense with -p.")

    def step(call: Call, file: str) -> None:
        call.outcome.out += pretty(formats.parse(call.data(file))[0])

    return call.each(step)


def _convert(root: Root, arguments: list[str]) -> Outcome:
    wanted = _format(arguments, "Missing format specifier for command.")

    def step(call: Call, file: str) -> None:
        value, found = formats.parse(call.data(file))
        call.write(value, wanted or found, file)

    return Call(root, arguments).each(step)


def _create(root: Root, arguments: list[str]) -> Outcome:
    wanted = _format(arguments, "'Create' requires a plist format.") or "xml1"

    def step(call: Call, file: str) -> None:
        call.options.output = file
        call.write({}, wanted, file)

    return Call(root, arguments).each(step)


def _insert(root: Root, arguments: list[str], replacing: bool = False) -> Outcome:
    path, value = values.take(arguments)
    appending = arguments[:1] == ["-append"]
    del arguments[:appending]

    def step(call: Call, file: str) -> None:
        whole, form = formats.parse(call.data(file))
        keypath.insert(whole, path, value, replacing, appending and not replacing)
        call.write(whole, form, file)

    return Call(root, arguments).each(step)


def _replace(root: Root, arguments: list[str]) -> Outcome:
    return _insert(root, arguments, replacing=True)


def _remove(root: Root, arguments: list[str]) -> Outcome:
    path = _take(arguments, "'Remove' requires a key path.")

    def step(call: Call, file: str) -> None:
        whole, form = formats.parse(call.data(file))
        keypath.remove(whole, path)
        call.write(whole, form, file)

    return Call(root, arguments).each(step)


_NO_KEYPATH = "'Extract' requires a key path and a plist format."


def _extract(root: Root, arguments: list[str]) -> Outcome:
    path = _take(arguments, _NO_KEYPATH)
    return _extracted(root, arguments, path, _format(arguments, _NO_KEYPATH))


def _type(root: Root, arguments: list[str]) -> Outcome:
    return _extracted(root, arguments, _take(arguments, _NO_KEYPATH), "type")


def _extracted(root: Root, arguments: list[str], path: str, wanted: str | None) -> Outcome:
    expected = None
    if arguments[:1] == ["-expect"]:
        del arguments[0]
        expected = _take(arguments, "-expect requires a type argument.")
        if expected not in formats.TYPE_NAMES:
            raise Fault(f"-expect type [{expected}] not valid.")

    def step(call: Call, file: str) -> None:
        whole, found = formats.parse(call.data(file))
        value = keypath.value_at(whole, path)
        actual = formats.type_name(value)
        if expected not in (None, actual):
            raise Fault(f"Value at [{path}] expected to be {expected} but is {actual}")
        call.write(value, wanted or found, file)

    return Call(root, arguments).each(step)


def _take(arguments: list[str], missing: str) -> str:
    if not arguments:
        raise Fault(missing)
    return arguments.pop(0)


def _format(arguments: list[str], missing: str) -> str | None:
    """The format at the front; None for that of the input. Raises Fault."""
    name = _take(arguments, missing)
    if name in ("swift", "objc"):
        raise Fault(f"Conversion to {name} is not supported here: use xml1, binary1 or json")
    if name not in formats.NAMES:
        raise Fault(f"Unknown format specifier: {name}")
    return formats.NAMES[name]


_VERBS: dict[str, Callable[[Root, list[str]], Outcome]] = {
    "-lint": _lint, "-convert": _convert, "-p": _print, "-insert": _insert,
    "-replace": _replace, "-remove": _remove, "-extract": _extract, "-type": _type,
    "-create": _create,
}
