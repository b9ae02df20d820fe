#!/bin/sh
# Runs what docs/evidence.md is made of and writes it. Failed tests show there and in the status.
# usage: PYTHON=... tests/evidence.sh DIRECTORY
set -u
directory=$1
mkdir -p "$directory"
rm -f "$directory"/*.xml "$directory/calls" "$directory/bench.json"
touch "$directory/calls"
failed=0

suite() { # name, then what pytest is to run
    name=$1
    shift
    DIRSERV_CALLS=$(realpath "$directory")/calls "$PYTHON" -m pytest -n auto \
        --junitxml="$directory/$name.xml" "$@" || failed=1
}

suite unit tests/unit tests/prefix tests/packaging tests/nix
suite conformance tests/conformance
suite model tests/model
suite faults tests/faults tests/fuzz
suite sandbox tests/sandbox
suite clients -m "slow or not slow" tests/clients tests/nixinstall
"$PYTHON" -m tests.bench --json "$directory/bench.json" || failed=1
"$PYTHON" -m tests.evidence "$directory" || failed=1
exit $failed
