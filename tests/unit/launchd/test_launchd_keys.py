"""The table of keys fits the job, the rules and the manual page."""

from __future__ import annotations

import pytest

from launchd_shim import conditions, keys, loading, socketkeys
from launchd_shim.job import Job, KeepAlive, Socket

TABLES = [
    (keys.TOP, loading._RULES, Job("a", "/a")),
    (keys.KEEP_ALIVE, conditions._RULES, KeepAlive()),
    (keys.SOCKET, socketkeys._RULES, Socket()),
]
ROWS = [(key, rules, target) for table, rules, target in TABLES for key in table.values()]

#: Every key of launchd.plist(5) of macOS 26, and the ones that older releases had.
MANUAL = """
Label Disabled UserName GroupName inetdCompatibility LimitLoadToHosts LimitLoadFromHosts
LimitLoadToSessionType LimitLoadToHardware LimitLoadFromHardware Program BundleProgram
ProgramArguments EnableGlobbing EnableTransactions EnablePressuredExit OnDemand ServiceIPC
KeepAlive RunAtLoad RootDirectory WorkingDirectory EnvironmentVariables Umask TimeOut ExitTimeOut
ThrottleInterval InitGroups WatchPaths QueueDirectories StartOnMount StartInterval
StartCalendarInterval StandardInPath StandardOutPath StandardErrorPath Debug WaitForDebugger
SoftResourceLimits HardResourceLimits Nice ProcessType AbandonProcessGroup LowPriorityIO
LowPriorityBackgroundIO MaterializeDatalessFiles LaunchOnlyOnce MachServices Sockets LaunchEvents
HopefullyExitsLast HopefullyExitsFirst SessionCreate LegacyTimers AssociatedBundleIdentifiers
POSIXSpawnType BeginTransactionAtShutdown
""".split()


@pytest.mark.parametrize("name", MANUAL)
def test_every_key_of_the_manual_page_is_in_the_table(name: str) -> None:
    assert keys.TOP[name.lower()].name == name


@pytest.mark.parametrize(("key", "rules", "target"), ROWS, ids=[row[0].name for row in ROWS])
def test_a_row_leads_somewhere(key: keys.Key, rules: dict, target: object) -> None:
    part, _, field = key.field.rpartition(".")
    if field:
        assert hasattr(getattr(target, part) if part else target, field)
    assert not key.rule or key.rule in rules
    assert key.effect == keys.DONE or key.note
    assert set(key.kinds) <= {keys.BOOL, keys.INT, keys.STRING, keys.ARRAY, keys.DICT}


def test_no_rule_is_without_a_key() -> None:
    for table, rules, _ in TABLES:
        assert set(rules) == {key.rule for key in table.values()} - {""}


def test_the_limits_are_linux_names() -> None:
    import resource

    assert all(hasattr(resource, name) for name, _ in keys.LIMITS.values())
