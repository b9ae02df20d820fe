"""When a job runs, in words."""

from __future__ import annotations

from launchd_shim.job import KeepAlive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from launchd_shim.job import When

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August",
          "September", "October", "November", "December")


def starts(when: When, at_load: bool) -> list[str]:
    """Everything that starts the job, one phrase each."""
    found = ["when it is loaded"] if at_load else []
    if not when.launch_only_once:
        found += _ends(when.keep_alive)
    if when.interval is not None:
        found.append(f"every {seconds(when.interval)}")
    found += [calendar(fields) for fields in when.calendar]
    found += [f"when {path} changes" for path in when.watch_paths + when.event_paths]
    found += [f"while {path} is not empty" for path in when.queue_directories]
    if when.on_mount:
        found.append("when a file system is mounted")
    if when.sockets:
        found.append("when somebody connects" if when.inetd_wait is not False
                     else "for each connection")
    return found or ["only when it is asked for"]


def _ends(keep: bool | KeepAlive) -> list[str]:
    """What keeps it alive."""
    if not isinstance(keep, KeepAlive):
        return ["whenever it has ended"] if keep else []
    found = []
    if keep.successful_exit is not None:
        found.append(f"when it has ended {'with' if keep.successful_exit else 'without'} success")
    if keep.crashed is not None:
        found.append("when it has crashed" if keep.crashed else "when it has not crashed")
    found += [f"while {path} {'exists' if there else 'does not exist'}"
              for path, there in keep.path_state.items()]
    found += [f"while {label} is {'loaded' if there else 'not loaded'}"
              for label, there in keep.other_job_enabled.items()]
    found += [f"while {label} {'runs' if there else 'does not run'}"
              for label, there in keep.other_job_active.items()]
    if not keep.after_initial_demand:
        return found
    return [f"{phrase}, once it has been asked for" for phrase in found or ["whenever it ends"]]


def calendar(fields: Mapping[str, int]) -> str:
    """``at 02:00 on every Sunday``."""
    return f"{_time(fields)} {_day(fields)}"


def _time(fields: Mapping[str, int]) -> str:
    hour, minute = fields.get("Hour"), fields.get("Minute")
    if hour is not None and minute is not None:
        return f"at {hour:02}:{minute:02}"
    if hour is not None:
        return f"every minute from {hour:02}:00 to {hour:02}:59"
    return "every minute" if minute is None else f"at minute {minute} of every hour"


def _day(fields: Mapping[str, int]) -> str:
    days = []
    if "Day" in fields:
        days.append(f"day {fields['Day']} of {'the month' if 'Month' in fields else 'each month'}")
    if "Weekday" in fields:
        days.append(f"every {WEEKDAYS[fields['Weekday'] % 7]}")
    month = f" in {MONTHS[fields['Month']]}" if "Month" in fields else ""
    return (f"on {' and on '.join(days)}" if days else "every day") + month


def seconds(number: int) -> str:
    """``90 s``, and in larger units behind it where that helps."""
    if number < 120:
        return f"{number} s"
    days, rest = divmod(number, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    return f"{number} s ({' '.join(f'{count} {unit}' for count, unit in parts if count)})"
