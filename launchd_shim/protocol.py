"""What launchctl and the supervisor say to each other over the control socket.

A stream socket at ``<root>/private/var/run/launchd.sock``; each message is one line of JSON. A
request is ``{"verb": NAME, ...}``, its reply ``{"error": N, ...}``: N is launchd's error number
(Darwin's errno below 107, spec/launchd.md 2.3), 0 for success. The supervisor knows who asks from
the socket's peer credentials; a request carries no identity.

Domains are texts: ``system``, ``user/UID``, ``gui/UID``. Paths are host paths.

| verb | request | reply besides ``error`` |
|---|---|---|
| bootstrap | domain, path, force | |
| bootout | domain, label or path | |
| enable, disable | domain, label | |
| kickstart | domain, label, kill | pid |
| start, stop | domain, label | |
| kill | domain, label, signal (Linux number) | |
| remove | domain, label | |
| submit | domain, label, program, arguments, stdout, stderr, submitter | |
| list | domain | jobs: [{label, pid, status}] |
| service | domain, label | service: see below |
| domain | domain | domain: see below |
| disabled | domain | disabled: {label: bool} |
| setenv | domain, values {key: text or null} | |
| getenv | domain | values {key: text} |
| limit | | limits: {name: [soft, hard]}, -1 for none |
| setlimit | name, soft, hard (-1 for none) | |
| ping | | pid |
| shutdown | | |

``bootout`` answers when the job is gone, or with 36 if it still lives after its exit timeout and
five seconds more. ``status`` in a list row is the exit code or minus the Darwin signal number.

The keys of a service, absent values being null:

* label: text
* path: host path of the plist, or null for a submitted job
* submitter: NAME[PID] of who submitted it, or null
* type: LaunchDaemon, LaunchAgent or Submitted
* state: running, not running, spawn scheduled, SIGTERMed, SIGKILLed, exited
* program: absolute path that is executed
* arguments: list of text, empty if only Program was given
* inferred_program: whether the plist has no Program
* working_directory: text or null
* stdin: text or null
* stdout: text or null
* stderr: text or null
* inherited_environment: {key: text} from setenv
* default_path: PATH of jobs that set none: launchctl config's, or launchd's own
* environment: {key: text} of the plist
* domain: text
* username: text or null
* group: text or null
* umask: number or null
* throttle: seconds
* exit_timeout: seconds
* runs: number of starts
* successive_crashes: number
* pid: number or null
* reason: why it was started last (speculative, non-ipc demand, semaphore, …), or null
* last_exit_status: raw wait(2) status in Darwin's signal numbers, null: never exited
* keepalive: true, false, or the dictionary of the plist
* on_demand: bool
* run_at_load: bool
* launch_only_once: bool
* session_types: list of text
* spawn_type: daemon (3), interactive (4), adaptive (6), background
* start_interval: seconds or null
* calendar: list of {key: number}
* watch_paths: list of text
* queue_directories: list of text
* sockets: {name: [text]}
* mach_services: list of text
* soft_limits: {name: number}
* hard_limits: {name: number}
* properties: list of text, in the order in which they are printed

The keys of a domain:

* name: text
* type: system, user or login
* uid: number
* services: [{label, pid, status}], status null if it never exited
* disabled: {label: bool}
* environment: {key: text}
* bringup_ms: number
"""

from __future__ import annotations

#: Seconds a client waits for a reply before it says that launchd does not answer.
REPLY_SECONDS = 90.0
#: The longest message that either side accepts, in bytes.
LONGEST_MESSAGE = 8 << 20
