#!/bin/sh
# Make a virtual environment: tools/venv.sh FOLDER [PYTHON]
# Without PYTHON the first interpreter of version 3.11 or newer is taken.
set -eu
folder=$1
wanted=${2:-}

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    if [ -n "$wanted" ]; then set -- "$wanted"; else set -- python3 python3.13 python3.12 python3.11 python; fi
    for name in "$@"; do
        for candidate in "$name" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/"$name"; do
            if recent "$candidate"; then echo "$candidate"; return; fi
        done
    done
    if [ -n "$wanted" ]; then
        echo "StreamLab: '$wanted' is not a Python of version 3.11 or newer that runs here." >&2
    else
        echo "StreamLab needs Python 3.11 or newer: none of $* is one. Say which: make PYTHON=/path/to/python3" >&2
    fi
    exit 1
}

python=$(find_python)
version=$("$python" -c 'import platform; print(platform.python_version())')
echo "set-up: $folder with Python $version"
if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "set-up: python3-venv (system package)"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >/dev/null 2>&1 || true
    fi
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        echo "StreamLab: Python $version has no working 'venv'. On Debian or Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi
"$python" -m venv --clear "$folder" || { rm -rf "$folder"; exit 1; }
