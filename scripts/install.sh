#!/bin/sh
# install.sh VENV LOCK: makes a virtual environment with exactly what LOCK names (hash-checked), and this project in it.
# Uses uv where it is present, else pip. PYTHON names the interpreter (default: python3).
set -eu
venv=$1
lock=$2
python=${PYTHON:-python3}

if ! command -v "$python" >/dev/null 2>&1; then
    echo "install: there is no $python; install Python 3.11 or newer, or say which one: make PYTHON=/path/to/python" >&2
    exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "install: $("$python" --version) is too old; Python 3.11 or newer is needed: make PYTHON=/path/to/python" >&2
    exit 2
fi

if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --allow-existing --python "$python" "$venv"
    uv pip sync --quiet --require-hashes --python "$venv/bin/python" "$lock"
    uv pip install --quiet --no-deps --no-build-isolation --python "$venv/bin/python" --editable .
else
    "$python" -m venv "$venv" || {
        echo "install: could not make a virtual environment; on Debian: apt-get install python3-venv" >&2
        exit 2
    }
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
fi
touch "$venv/installed"
