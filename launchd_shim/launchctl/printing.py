"""print, print-disabled and dumpstate (spec/launchd.md 2.4, 2.5)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from launchd_shim.darwin import strerror
from launchd_shim.launchctl import domaintext, servicetext
from launchd_shim.launchctl.failures import EINVAL, Failure
from launchd_shim.launchctl.targets import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.launchctl.call import Call
    from launchd_shim.launchctl.targets import Target


def show(call: Call) -> Outcome:
    """print TARGET: a service or a domain."""
    target = parse(call.operands(1)[0])
    return Outcome(out=_domain(call, target) if target.label is None else _service(call, target))


def disabled(call: Call) -> Outcome:
    """print-disabled DOMAIN: what was enabled and disabled; nothing else is said about it.

    Salt adds a label; as in every target, what is too much is ignored (spec 2.2).
    """
    target = parse(call.operands(1)[0])
    target.label = None
    reply = _answered(call.ask_of(target, "disabled"))
    return Outcome(out=domaintext.render_disabled(reply["disabled"]))


def dump(call: Call) -> Outcome:
    """dumpstate: the system's domain and the caller's own, with all their services."""
    call.operands(0, 0)
    names = ["system", *(name for name in call.home if name != "system")]
    texts: list[str] = []
    for name in names:
        target = parse(name)
        content = _answered(call.ask_of(target, "domain"))["domain"]
        texts.append(domaintext.render(content))
        texts += [_service(call, parse(f"{name}/{job['label']}")) for job in content["services"]]
    return Outcome(out="\n".join(texts))


def _domain(call: Call, target: Target) -> str:
    return domaintext.render(_answered(call.ask_of(target, "domain"))["domain"])


def _service(call: Call, target: Target) -> str:
    return servicetext.render(in_root(call, _answered(call.ask_of(target, "service"))["service"]))


def in_root(call: Call, service: dict[str, Any]) -> dict[str, Any]:
    """The service with its property list's path as the root's inhabitants see it."""
    path, root = service.get("path"), call.directory.root.path
    if path and root and path.startswith(root + "/"):
        service["path"] = path[len(root):]
    return service


def _answered(reply: dict[str, Any]) -> dict[str, Any]:
    error = reply["error"]
    if error == EINVAL:
        raise Failure(error, "Bad request.")
    if error:
        raise Failure(error, f"Could not print domain: {error}: {strerror(error)}")
    return reply
