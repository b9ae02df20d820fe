#!/bin/sh
# setup.sh PYTHON VENV: make the virtual environment that the Makefile's targets use.
# On a fresh Debian or Ubuntu python3 has no venv module yet: root installs it, others are told.
set -eu
python=$1 venv=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "setup: $python is older than 3.11; name a newer one with make PYTHON=…" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -q && apt-get install -q -y --no-install-recommends python3-venv
    else
        echo "setup: $python has no venv module; install the package python3-venv" >&2
        exit 1
    fi
fi
"$python" -m venv --clear "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check -e '.[test]'
