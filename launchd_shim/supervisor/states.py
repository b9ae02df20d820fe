"""The life of a service as a state × event table with no empty cell.

A cell is (action, next state). Actions are methods of ``Services``; ``nothing`` says that the
event has no meaning in that state, ``impossible`` that it would be our mistake and is logged.
The diagram in docs/launchd-states.dot is generated from this table (``python -m
launchd_shim.supervisor.states``). Sources: spec/launchd.md 3.1 to 3.4.
"""

from __future__ import annotations

#: state -> what launchctl print shows for it
STATES = {
    "idle": "not running",
    "scheduled": "spawn scheduled",
    "running": "running",
    "terminating": "SIGTERMed",
    "killed": "SIGKILLed",
    "gone": "exited",
}

#: event -> what it means
EVENTS = {
    "demand": "a condition wants the job to run: load, timer, socket, path, KeepAlive",
    "start": "somebody asks for it explicitly: no throttle",
    "due": "the throttle is over",
    "failed": "the job could not be executed",
    "exited": "the main process is gone",
    "stop": "somebody asks for SIGTERM",
    "restart": "kickstart -k: end it and start it again",
    "remove": "unload, bootout, remove",
    "overdue": "the exit timeout is over",
}

TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "idle": {
        "demand": ("schedule", "scheduled"),
        "start": ("spawn", "running"),
        "due": ("nothing", "idle"),
        "failed": ("impossible", "idle"),
        "exited": ("impossible", "idle"),
        "stop": ("nothing", "idle"),
        "restart": ("spawn", "running"),
        "remove": ("forget", "gone"),
        "overdue": ("nothing", "idle"),
    },
    "scheduled": {
        "demand": ("nothing", "scheduled"),
        "start": ("spawn", "running"),
        "due": ("spawn", "running"),
        "failed": ("impossible", "scheduled"),
        "exited": ("impossible", "scheduled"),
        "stop": ("unschedule", "idle"),
        "restart": ("spawn", "running"),
        "remove": ("forget", "gone"),
        "overdue": ("nothing", "scheduled"),
    },
    "running": {
        "demand": ("remember", "running"),
        "start": ("nothing", "running"),
        "due": ("nothing", "running"),
        "failed": ("penalise", "scheduled"),
        "exited": ("account", "idle"),
        "stop": ("terminate", "terminating"),
        "restart": ("terminate_to_restart", "terminating"),
        "remove": ("terminate_to_remove", "terminating"),
        "overdue": ("nothing", "running"),
    },
    "terminating": {
        "demand": ("remember", "terminating"),
        "start": ("restart_after", "terminating"),
        "due": ("nothing", "terminating"),
        "failed": ("impossible", "terminating"),
        "exited": ("account", "idle"),
        "stop": ("nothing", "terminating"),
        "restart": ("restart_after", "terminating"),
        "remove": ("remove_after", "terminating"),
        "overdue": ("kill", "killed"),
    },
    "killed": {
        "demand": ("remember", "killed"),
        "start": ("restart_after", "killed"),
        "due": ("nothing", "killed"),
        "failed": ("impossible", "killed"),
        "exited": ("account", "idle"),
        "stop": ("nothing", "killed"),
        "restart": ("restart_after", "killed"),
        "remove": ("remove_after", "killed"),
        "overdue": ("complain", "killed"),
    },
    "gone": dict.fromkeys(EVENTS, ("nothing", "gone")),
}


def diagram() -> str:
    """The table as a Graphviz graph; cells without an effect are left out."""
    lines = ["digraph launchd {", "    rankdir=LR; node [shape=box, style=rounded];"]
    for state, shown in STATES.items():
        lines.append(f'    {state} [label="{state}\\n{shown}"];')
    for state, cells in TABLE.items():
        for event, (action, after) in cells.items():
            if action not in ("nothing", "impossible"):
                lines.append(f'    {state} -> {after} [label="{event} / {action}"];')
    return "\n".join((*lines, "}")) + "\n"


if __name__ == "__main__":
    print(diagram(), end="")
