#!/bin/sh
# Runs what docs/evidence.md and docs/clients.md are made of and writes them. Failed tests show
# there and in the status.
# usage: PYTHON=... tests/evidence/run.sh DIRECTORY
set -u
directory=$1
mkdir -p "$directory"
rm -f "$directory"/*.xml "$directory/calls" "$directory/versions" "$directory/bench.json"
DIRSERV_EVIDENCE=$(realpath "$directory")
export DIRSERV_EVIDENCE
failed=0

suite() { # name, then what pytest is to run
    name=$1
    shift
    "$PYTHON" -m pytest -n auto --junitxml="$directory/$name.xml" "$@" || failed=1
}

suite unit tests/unit tests/prefix tests/packaging tests/nix tests/darwin tests/evidence
suite conformance tests/conformance
suite model tests/model
suite faults tests/faults tests/fuzz
suite sandbox tests/sandbox --ignore tests/sandbox/clients
suite clients -m "slow or not slow" tests/clients tests/nixinstall tests/sandbox/clients
"$PYTHON" -m tests.bench --json "$directory/bench.json" || failed=1
"$PYTHON" -m tests.evidence "$directory" || failed=1
exit $failed
