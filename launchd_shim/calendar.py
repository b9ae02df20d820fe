"""When does StartCalendarInterval come next?

Source: spec/launchd.md 1.4. A key that is missing matches anything; with both Day and Weekday
either is enough, and Month holds for both; Weekday 0 and 7 are Sunday. Times are whole minutes of
the local clock. Where the clock is changed, a dictionary with both Hour and Minute means a time of
the day: skipped by the clock it comes as much later (mktime(3): 02:30 is 03:30), repeated it
counts the first time. One without Hour or without Minute follows the clock as it runs, through
the repeated hour as well and past the skipped one (as cron does).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Fields = Mapping[str, int]

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)

#: 29 February comes after 8 years where a century has no leap year between.
_DAYS_AHEAD = 366 * 8 + 1


class Local(tzinfo):
    """The local time of this process as the C library has it (TZ, /etc/localtime)."""

    def utcoffset(self, time: datetime | None) -> timedelta | None:
        return None if time is None else time.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, time: datetime | None) -> None:
        return None

    def tzname(self, time: datetime | None) -> str | None:
        return None if time is None else time.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, time: datetime) -> datetime:
        local = datetime.fromtimestamp(time.replace(tzinfo=UTC).timestamp())
        return local.replace(tzinfo=self)


def next_fire(dicts: Iterable[Fields], now: datetime,
              tz: tzinfo | None = None) -> datetime | None:
    """The first time after ``now`` that any of the dictionaries matches, in ``tz``.

    ``now`` is an aware time; its own zone does not count. ``tz`` None is this machine's local
    time. None when none ever matches (30 February) and for no dictionaries. Compare the result
    in UTC: Python compares two times of one zone by their clocks.
    """
    now, zone = now.astimezone(UTC), tz or Local()
    times = [_next(fields, now, zone) for fields in dicts]
    return min((time for time in times if time is not None), default=None,
               key=lambda time: time.astimezone(UTC))


def _next(fields: Fields, now: datetime, tz: tzinfo) -> datetime | None:
    try:
        if "Hour" in fields and "Minute" in fields:
            return _next_of_day(fields, now, tz)
        return _next_on_clock(fields, now, tz)
    except OverflowError:
        # Past the year 9999.
        return None


def _next_of_day(fields: Fields, now: datetime, tz: tzinfo) -> datetime | None:
    """For a time of the day."""
    # Yesterday's may have been moved to today, by a clock change at midnight.
    day = _day_after(fields, now.astimezone(tz).date() - 2 * _DAY)
    while day is not None:
        time = _moment(day, fields["Hour"], fields["Minute"], tz)
        if time > now:
            return time.astimezone(tz)
        day = _day_after(fields, day)
    return None


def _next_on_clock(fields: Fields, now: datetime, tz: tzinfo) -> datetime | None:
    """For minutes of the clock as it runs: walk on, as far at a time as cannot miss one."""
    time = now.replace(second=0, microsecond=0) + _MINUTE
    while True:
        local = time.astimezone(tz)
        if not _day_matches(fields, local.date()):
            day = _day_after(fields, local.date())
            if day is None:
                return None
            time = max(_moment(day, 0, 0, tz), time + _MINUTE)
        elif fields.get("Hour", local.hour) != local.hour:
            time = _stride(time, 60 - local.minute, tz)
        elif fields.get("Minute", local.minute) != local.minute:
            time = _stride(time, (fields["Minute"] - local.minute) % 60, tz)
        else:
            return local


def _stride(time: datetime, minutes: int, tz: tzinfo) -> datetime:
    """So many minutes on, but only one where the clock is changed on the way."""
    there = time + minutes * _MINUTE
    same = time.astimezone(tz).utcoffset() == there.astimezone(tz).utcoffset()
    return there if same else time + _MINUTE


def _moment(day: date, hour: int, minute: int, tz: tzinfo) -> datetime:
    """The moment of a local time: the first of two, and as much later as one that is skipped."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=tz).astimezone(UTC)


def _day_after(fields: Fields, day: date) -> date | None:
    """The first day after the given one that matches."""
    for _ in range(_DAYS_AHEAD):
        day += _DAY
        if _day_matches(fields, day):
            return day
    return None


def _day_matches(fields: Fields, day: date) -> bool:
    if fields.get("Month", day.month) != day.month:
        return False
    by_day = fields.get("Day", day.day) == day.day
    if "Weekday" not in fields:
        return by_day
    by_weekday = fields["Weekday"] % 7 == day.isoweekday() % 7
    return by_day or by_weekday if "Day" in fields else by_weekday
