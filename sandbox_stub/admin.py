"""darling-dirserv sandbox: the mode of sandbox-exec; what a profile says, decides and becomes."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from dirserv.admin.cli import root_argument, show
from dirserv.admin.errors import AdminError
from dirserv.paths import Root
from sandbox_stub import mode
from sandbox_stub.compiler import compile_profile, read_file
from sandbox_stub.confine import described
from sandbox_stub.decision import decide
from sandbox_stub.errors import ProfileError
from sandbox_stub.linux.plan import plan, stops
from sandbox_stub.linux.probe import probe
from sandbox_stub.operations import initial
from sandbox_stub.profile import Profile, Rule
from sandbox_stub.source import places
from sandbox_stub.targets import target_for

HELP = ("show or set the mode of sandbox-exec; say what a sandbox profile means, decides, and how "
        "far this kernel upholds it")
_CHECK = "compile a profile; status 1 if it does not compile or is remarked upon"
_EXPLAIN = "say which rule decides about an operation; status 1 if it is denied"
_PLAN = "say how each rule would be enforced; status 1 if enforce-strict would refuse"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, text, act in (("mode", mode.HELP, mode.run), ("check", _CHECK, _check),
                            ("explain", _EXPLAIN, _explain), ("plan", _PLAN, _plan)):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                            help="print the result as JSON")
        root_argument(action)
        if act is mode.run:
            mode.arguments(action)
        else:
            _profile_arguments(action)
        if act is _explain:
            action.add_argument("operation", metavar="OPERATION", help="such as file-read-data")
            action.add_argument("target", metavar="TARGET", nargs="?", default="",
                                help="a path, tcp:HOST:PORT, unix:PATH, or a name")
        action.set_defaults(act=act)


def _profile_arguments(action: argparse.ArgumentParser) -> None:
    action.add_argument("file", metavar="FILE", help="a profile")
    action.add_argument("-D", dest="define", metavar="KEY=VALUE", action="append", default=[],
                        help="a parameter of the profile")


def run(options: argparse.Namespace) -> int:
    """Do it. Raises AdminError for a command line that cannot be carried out."""
    status: int = options.act(options)
    return status


def _check(options: argparse.Namespace) -> int:
    try:
        profile = _compiled(options)
    except ProfileError as error:
        show(options, {"file": options.file, "compiles": False, "error": str(error)},
             str(error).splitlines())
        return 1
    show(options, {"file": options.file, "compiles": True, "rules": len(profile.rules),
                   "warnings": profile.warnings},
         [*profile.warnings, f"{options.file}: {_number(len(profile.rules), 'rule')}"])
    return 1 if profile.warnings else 0


def _explain(options: argparse.Namespace) -> int:
    profile = _must_compile(options)
    try:
        target = target_for(options.operation, options.target)
    except ValueError as error:
        raise AdminError(str(error)) from None
    decision = decide(profile, options.operation, target)
    rule = decision.rule
    show(options, {
        "decision": decision.action, "operation": options.operation, "target": options.target,
        "via": decision.via, "rule": rule and rule.text, "position": rule and list(rule.position),
    }, [f"{decision.action}  {options.operation} {options.target}".rstrip(),
        f"  {_why(decision.via, rule)}"])
    return 0 if decision.allowed else 1


def _why(via: str, rule: Rule | None) -> str:
    if rule is None:
        return f"no rule decides; {via} is {initial(via)} by nature"
    kind = "its newest rule that matches" if rule.filter else "no rule matches, and its fallback"
    return f"{_place(rule.position)}: {rule.text} decides: of {via} {kind}"


def _plan(options: argparse.Namespace) -> int:
    profile = _must_compile(options)
    # Paths mean this system's, as they do to sandbox-exec: --root is for imports only.
    made = plan(profile, probe(), root=Root(""), cwd=os.getcwd())
    gaps = stops(made)
    result = {"file": options.file, **described(made), "strict": not gaps}
    show(options, result, _plan_lines(result, bool(gaps)))
    return 1 if gaps else 0


def _plan_lines(result: dict[str, Any], refused: bool) -> Iterator[str]:
    yield f"mechanisms  {', '.join(result['mechanisms'])} (Landlock {result['landlock']})"
    held = [f"{what} {'upheld' if holds else 'with gaps'}"
            for what, holds in result["upheld"].items()]
    yield f"denials     {', '.join(held)}"
    counts = [f"{count} {grade}" for grade, count in result["grades"].items()]
    yield f"findings    {', '.join(counts)}"
    for (position, rule), findings in groupby(
            result["findings"], lambda finding: (finding["position"], finding["rule"])):
        yield f"{_place(position)}: {rule}"
        for finding in findings:
            yield f"  {finding['grade']} ({finding['reason']}): {finding['effect']}"
    yield f"enforce-strict would {'refuse' if refused else 'accept'} it"


def _compiled(options: argparse.Namespace) -> Profile:
    parameters = {}
    for word in options.define:
        key, equals, value = word.partition("=")
        if not equals:
            raise AdminError(f"-D {word}: expected KEY=VALUE")
        parameters[key] = value
    root = os.path.abspath(options.root) if options.root else os.environ.get("DIRSERV_ROOT", "")
    return compile_profile(read_file(options.file), file=options.file, parameters=parameters,
                           strict=False, profiles=places(root.rstrip("/")))


def _must_compile(options: argparse.Namespace) -> Profile:
    try:
        return _compiled(options)
    except ProfileError as error:
        raise AdminError(str(error).rstrip("\n")) from None


def _place(position: Sequence[Any]) -> str:
    file, line, column = position
    return f"{file}:{line}:{column}" if line else file


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
