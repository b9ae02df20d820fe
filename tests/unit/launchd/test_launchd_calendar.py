"""The next time of StartCalendarInterval, against an independent cron library and by hand."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from launchd_shim.calendar import Local, next_fire
from tests.unit.launchd.support import examples

cronsim = pytest.importorskip("cronsim", reason="cronsim is in the test extra")

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # half an hour of summer time
HAVANA = ZoneInfo("America/Havana")  # changes at midnight
APIA = ZoneInfo("Pacific/Apia")  # had no 30 December 2011
#: cronsim goes by whole hours, which is half an hour late after Lord Howe's changes, and lets a
#: day begin at a midnight that Havana skips. A clock that is watched tells the truth there.
CRON_ZONES: list[tzinfo] = [UTC, BERLIN, NEW_YORK, ZoneInfo("Asia/Kolkata")]
ZONES: list[tzinfo] = [*CRON_ZONES, LORD_HOWE, HAVANA, ZoneInfo("America/St_Johns")]

ORDER = ("Minute", "Hour", "Day", "Month", "Weekday")
FIELDS = st.fixed_dictionaries({}, optional={
    "Minute": st.integers(0, 59), "Hour": st.integers(0, 23), "Day": st.integers(1, 31),
    "Weekday": st.integers(0, 7), "Month": st.integers(1, 12)})
NOWS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1))


def at(zone: tzinfo, *numbers: int) -> datetime:
    return datetime(*numbers).replace(tzinfo=zone)  # type: ignore[arg-type]


def by_cron(fields: dict[str, int], now: datetime) -> datetime | None:
    expression = " ".join(str(fields.get(name, "*")) for name in ORDER)
    try:
        return next(cronsim.CronSim(expression, now))
    except (cronsim.CronSimError, StopIteration):
        return None


def exists(moment: datetime) -> bool:
    return moment.astimezone(UTC).astimezone(moment.tzinfo) == moment


@examples(600)
@given(FIELDS, NOWS)
def test_as_cron_without_clock_changes(fields: dict[str, int], now: datetime) -> None:
    now = now.replace(tzinfo=UTC)
    assert next_fire([fields], now, UTC) == by_cron(fields, now)


@examples(600)
@given(FIELDS, NOWS, st.sampled_from(CRON_ZONES))
def test_as_cron_in_zones(fields: dict[str, int], naive: datetime, zone: tzinfo) -> None:
    now = naive.replace(tzinfo=UTC).astimezone(zone)
    assert_as_cron(fields, now)


CHANGES = [
    at(UTC, 2026, 3, 29, 1), at(UTC, 2026, 10, 25, 1),  # Berlin
    at(UTC, 2026, 3, 8, 7), at(UTC, 2026, 11, 1, 6),  # New York
    at(UTC, 2026, 4, 4, 15), at(UTC, 2026, 10, 3, 15, 30),  # Lord Howe
    at(UTC, 2026, 3, 8, 5), at(UTC, 2026, 11, 1, 5),  # Havana
]


@examples(1000)
@given(FIELDS, st.sampled_from(CHANGES), st.integers(-1800, 600), st.sampled_from(CRON_ZONES))
def test_as_cron_around_clock_changes(
    fields: dict[str, int], change: datetime, minutes: int, zone: tzinfo
) -> None:
    for name in ("Day", "Month", "Weekday"):
        # Almost any day but these days would be far from the change.
        if name in fields and fields[name] % 2:
            del fields[name]
    assert_as_cron(fields, (change + timedelta(minutes=minutes)).astimezone(zone))


@examples(300)
@given(st.fixed_dictionaries({}, optional={"Minute": st.integers(0, 59),
                                           "Hour": st.integers(0, 4),
                                           "Weekday": st.integers(0, 1)}),
       st.sampled_from(CHANGES), st.integers(-300, 300), st.sampled_from(ZONES))
def test_as_a_clock_that_is_watched(
    fields: dict[str, int], change: datetime, minutes: int, zone: tzinfo
) -> None:
    assume("Hour" not in fields or "Minute" not in fields)
    now = change + timedelta(minutes=minutes)
    moment = now
    for _ in range(8 * 1440):
        moment += timedelta(minutes=1)
        local = moment.astimezone(zone)
        if (fields.get("Minute", local.minute) == local.minute
                and fields.get("Hour", local.hour) == local.hour
                and fields.get("Weekday", local.isoweekday() % 7) == local.isoweekday() % 7):
            break
    ours = next_fire([fields], now, zone)
    assert ours is not None
    assert ours.isoformat() == local.isoformat()


def assert_as_cron(fields: dict[str, int], now: datetime) -> None:
    """Equal to cron, but for a time of the day that is skipped: cron runs it at the end of the
    gap, mktime(3) and so launchd as much later as the gap is long."""
    ours, theirs = next_fire([fields], now, now.tzinfo), by_cron(fields, now)
    if "Hour" in fields and "Minute" in fields:
        assume(_is_settled(fields, now))
    assert ours == theirs
    if ours is not None and theirs is not None:
        assert ours.utcoffset() == theirs.utcoffset()


def _is_settled(fields: dict[str, int], now: datetime) -> bool:
    """Whether neither today nor tomorrow (nor yesterday) has the time skipped or twice."""
    for days in (-1, 0, 1, 2):
        day = now.replace(tzinfo=None) + timedelta(days=days)
        moment = day.replace(hour=fields["Hour"], minute=fields["Minute"], second=0,
                             microsecond=0, tzinfo=now.tzinfo, fold=0)
        if not exists(moment) or moment.utcoffset() != moment.replace(fold=1).utcoffset():
            return False
    theirs = by_cron(fields, now)
    return theirs is None or (theirs.hour, theirs.minute) == (fields["Hour"], fields["Minute"])


@pytest.mark.parametrize(("fields", "now", "expected"), [
    ({}, at(UTC, 2026, 1, 1, 12, 0, 30), at(UTC, 2026, 1, 1, 12, 1)),
    ({}, at(UTC, 2026, 1, 1, 12, 0), at(UTC, 2026, 1, 1, 12, 1)),
    ({"Minute": 0}, at(UTC, 2026, 1, 1, 12, 0), at(UTC, 2026, 1, 1, 13, 0)),
    ({"Hour": 2, "Minute": 0}, at(UTC, 2026, 1, 1, 2, 0), at(UTC, 2026, 1, 2, 2, 0)),
    ({"Hour": 2}, at(UTC, 2026, 1, 1, 2, 58), at(UTC, 2026, 1, 1, 2, 59)),
    ({"Hour": 2}, at(UTC, 2026, 1, 1, 2, 59), at(UTC, 2026, 1, 2, 2, 0)),
    ({"Weekday": 0, "Hour": 3, "Minute": 7}, at(UTC, 2026, 1, 1), at(UTC, 2026, 1, 4, 3, 7)),
    ({"Weekday": 7, "Hour": 3, "Minute": 7}, at(UTC, 2026, 1, 1), at(UTC, 2026, 1, 4, 3, 7)),
    ({"Day": 15, "Weekday": 1, "Hour": 0, "Minute": 0}, at(UTC, 2026, 1, 1),
     at(UTC, 2026, 1, 5)),
    ({"Day": 6, "Weekday": 1, "Hour": 0, "Minute": 0}, at(UTC, 2026, 1, 5, 1),
     at(UTC, 2026, 1, 6)),
    ({"Month": 3, "Weekday": 1, "Hour": 0, "Minute": 0}, at(UTC, 2026, 1, 1),
     at(UTC, 2026, 3, 2)),
    ({"Day": 31, "Hour": 0, "Minute": 0}, at(UTC, 2026, 1, 31, 1), at(UTC, 2026, 3, 31)),
    ({"Month": 2, "Day": 29}, at(UTC, 2096, 3, 1), at(UTC, 2104, 2, 29)),
    ({"Month": 2, "Day": 30}, at(UTC, 2026, 1, 1), None),
    ({"Month": 2, "Day": 30, "Hour": 1, "Minute": 1}, at(UTC, 2026, 1, 1), None),
    ({"Month": 2, "Day": 30, "Weekday": 5, "Hour": 1, "Minute": 1}, at(UTC, 2026, 1, 1),
     at(UTC, 2026, 2, 6, 1, 1)),
    ({"Month": 1}, at(UTC, 9999, 12, 31, 23, 59), None),
], ids=str)
def test_by_hand(fields: dict[str, int], now: datetime, expected: datetime | None) -> None:
    assert next_fire([fields], now, UTC) == expected


def fires(fields: dict[str, int], now: datetime, count: int) -> list[str]:
    """The next times with their offsets."""
    found = []
    for _ in range(count):
        following = next_fire([fields], now, now.tzinfo)
        # Two times of one zone compare by their clocks; these are moments.
        assert following is not None and following.astimezone(UTC) > now.astimezone(UTC)
        now = following
        found.append(now.isoformat(timespec="minutes"))
    return found


@pytest.mark.parametrize(("fields", "now", "expected"), [
    # Skipped: as much later as the clock is put on (mktime), and once.
    ({"Hour": 2, "Minute": 30}, at(BERLIN, 2026, 3, 28, 12),
     ["2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"]),
    ({"Hour": 2, "Minute": 15}, at(LORD_HOWE, 2026, 10, 3, 12),
     ["2026-10-04T02:45+11:00", "2026-10-05T02:15+11:00"]),
    # At midnight: the day begins at 01:00.
    ({"Hour": 0, "Minute": 10}, at(HAVANA, 2026, 3, 7, 12),
     ["2026-03-08T01:10-04:00", "2026-03-09T00:10-04:00"]),
    # Repeated: the first time only.
    ({"Hour": 2, "Minute": 30}, at(BERLIN, 2026, 10, 24, 12),
     ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
    # Hourly: each hour that there is, the repeated one twice, the skipped one not.
    ({"Minute": 30}, at(BERLIN, 2026, 10, 25, 1, 30),
     ["2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00"]),
    ({"Minute": 30}, at(BERLIN, 2026, 3, 29, 1, 30),
     ["2026-03-29T03:30+02:00", "2026-03-29T04:30+02:00"]),
    ({"Minute": 40}, at(LORD_HOWE, 2026, 4, 5, 1, 45),
     ["2026-04-05T01:40+10:30", "2026-04-05T02:40+10:30"]),
    # A whole hour that is skipped: not on that day.
    ({"Hour": 2}, at(BERLIN, 2026, 3, 29, 1, 59), ["2026-03-30T02:00+02:00"]),
    # A whole day that is skipped.
    ({"Day": 30, "Hour": 9, "Minute": 0}, at(APIA, 2011, 12, 29, 12),
     ["2011-12-31T09:00+14:00", "2012-01-30T09:00+14:00"]),
], ids=str)
def test_where_the_clock_is_changed(
    fields: dict[str, int], now: datetime, expected: list[str]
) -> None:
    assert fires(fields, now, len(expected)) == expected


def test_the_earliest_of_several() -> None:
    dicts = [{"Hour": 5, "Minute": 0}, {"Minute": 30}, {"Month": 2, "Day": 30}]
    now = at(UTC, 2026, 1, 1, 4, 30)
    assert next_fire(dicts, now, UTC) == at(UTC, 2026, 1, 1, 5, 0)
    assert next_fire([], now, UTC) is None


def test_the_earliest_is_by_the_moment_not_by_the_clock() -> None:
    now = at(BERLIN, 2026, 10, 25, 2, 50)  # summer time; 02:10 comes after it
    dicts = [{"Hour": 3, "Minute": 0}, {"Minute": 10}]
    found = next_fire(dicts, now, BERLIN)
    assert found is not None
    assert found.isoformat() == "2026-10-25T02:10:00+01:00"


def test_the_zone_of_now_does_not_count() -> None:
    now = at(UTC, 2026, 1, 1, 12)  # 07:00 in New York
    found = next_fire([{"Hour": 9, "Minute": 0}], now, NEW_YORK)
    assert found is not None
    assert found.isoformat() == "2026-01-01T09:00:00-05:00"


def test_one_that_never_comes_is_found_out_quickly() -> None:
    before = time.monotonic()
    for _ in range(10):
        assert next_fire([{"Month": 2, "Day": 31}], at(UTC, 2026, 1, 1), BERLIN) is None
    assert time.monotonic() - before < 5


@pytest.mark.skipif(not os.path.exists("/usr/share/zoneinfo/Europe/Berlin"),
                    reason="the C library knows no time zones here")
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_the_local_zone_knows_its_changes(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for change in CHANGES:
            for minutes in range(-180, 181, 30):
                now = change + timedelta(minutes=minutes)
                for fields in ({"Hour": 2, "Minute": 30}, {"Minute": 30}, {"Hour": 1}):
                    ours = next_fire([fields], now)
                    theirs = next_fire([fields], now, ZoneInfo(zone))
                    assert ours is not None and theirs is not None
                    assert ours.isoformat() == theirs.isoformat()
        assert str(Local().tzname(datetime(2026, 7, 1))) == ZoneInfo(zone).tzname(
            datetime(2026, 7, 1))
    finally:
        monkeypatch.undo()
        time.tzset()
