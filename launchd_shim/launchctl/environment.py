"""setenv, unsetenv, getenv, export: what later processes of the domain inherit (spec 2.7)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from dirserv.system import environ
from launchd_shim.darwin import strerror
from launchd_shim.launchctl.failures import EPERM, Failure, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call

#: What a shell would expand between double quotes.
_SPECIAL = {"sh": '\\"$`', "csh": '"$`!'}


def change(call: Call) -> Outcome:
    """setenv KEY VALUE… and unsetenv KEY…"""
    # Values may begin with a dash: there is no getopt(3) in this.
    words = call.arguments
    if not words or call.name == "setenv" and len(words) % 2:
        raise Usage
    values: dict[str, str | None] = dict.fromkeys(words)
    if call.name == "setenv":
        values = dict(zip(words[::2], words[1::2], strict=True))
    if any(not key or "=" in key for key in values):
        raise Failure(22, f"Could not set environment: 22: {strerror(22)}")
    for domain in call.home:
        error = call.ask("setenv", domain=domain, values=values)["error"]
        if error == EPERM:
            raise Failure(error, "Not privileged to set domain environment.")
        if error:
            raise Failure(error, f"Could not set environment: {error}: {strerror(error)}")
    return Outcome()


def get(call: Call) -> Outcome:
    """getenv KEY: the value, nothing if it is not set; 0 in both cases."""
    if not call.arguments:
        raise Usage
    value = _values(call).get(call.arguments[0])
    return Outcome(out="" if value is None else f"{value}\n")


def export(call: Call) -> Outcome:
    """export: commands for the caller's shell ($SHELL), C shells and others."""
    csh = (environ("SHELL") or "").endswith("csh")
    special = _SPECIAL["csh" if csh else "sh"]
    form = 'setenv {0} "{1}";\n' if csh else '{0}="{1}"; export {0};\n'
    return Outcome(out="".join(form.format(key, _quoted(value, special))
                               for key, value in _values(call).items()))


def _quoted(text: str, special: str) -> str:
    return "".join(f"\\{char}" if char in special else char for char in text)


def _values(call: Call) -> dict[str, str]:
    reply = call.ask("getenv", domain=call.home[0])
    if reply["error"]:
        raise Failure(reply["error"])
    values: dict[str, str] = reply["values"]
    return values
