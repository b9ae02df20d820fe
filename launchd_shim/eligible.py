"""May a job be loaded where it is asked for? What the file alone does not tell.

Source: spec/launchd.md 1.2 (Disabled, LimitLoadTo…), 2.3 (numbers), 3.9 (the store).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from launchd_shim.job import Job

#: launchd's error numbers for a job that is disabled, for another session, for other hardware.
DISABLED, WRONG_SESSION, WRONG_HARDWARE = 119, 134, 138

#: Disabled's dictionary names hardware in its own words.
_DISABLED_ON = {"machinetype": "machine", "modelname": "model"}


def misfit(job: Job, session: str, facts: Mapping[str, str]) -> int | None:
    """The error number that keeps a job out of a session on this hardware, None if none does.

    ``session`` is the domain's: "System", "Aqua", "Background", …; ``facts`` are the known
    sysctl hw. values ({"machine": "x86_64"}). A job that names no session belongs to "System"
    and to "Aqua".
    """
    if session not in (job.sessions or ("System", "Aqua")):
        return WRONG_SESSION
    if job.hardware_only and not _matches(job.hardware_only, facts):
        return WRONG_HARDWARE
    if _matches(job.hardware_except, facts):
        return WRONG_HARDWARE
    return None


def disabled(job: Job, stored: bool | None, facts: Mapping[str, str]) -> bool:
    """Whether a job is disabled. ``stored`` is what the store says, None without a record."""
    if stored is not None:
        return stored
    if isinstance(job.disabled, bool):
        return job.disabled
    return _matches({_DISABLED_ON.get(name.lower(), ""): values
                     for name, values in job.disabled.items()}, facts)


def _matches(wanted: Mapping[str, list[str]], facts: Mapping[str, str]) -> bool:
    """Whether a fact is among the values for it. What is not known matches nothing."""
    return any(facts.get(name.lower()) in values for name, values in wanted.items())
