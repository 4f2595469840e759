#!/bin/sh
# Prints the path of a Python of the version that pyproject.toml requires. The Python may be on the
# path, in pyenv, or installed by uv. If there is none, prints what to do and fails.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^requires-python = "==\(.*\)\.\*"$/\1/p' pyproject.toml)

is_right() {
    [ "$("$1" -c 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$version" ]
}

# Where pyenv keeps its versions: as it says itself, or next to its program or its shims.
pyenv_roots="${PYENV_ROOT:-$HOME/.pyenv}"
for program in pyenv "python$version"; do
    if found=$(command -v "$program" 2>/dev/null); then
        pyenv_roots="$pyenv_roots $(dirname "$(dirname "$found")")"
    fi
done
pyenv_found=""
for root in $pyenv_roots; do
    pyenv_found="$pyenv_found $(echo "$root"/versions/"$version"*/bin/python)"
done
uv_found=$(uv python find --no-python-downloads "$version" 2>/dev/null || true)

# A pyenv shim answers "command not found" for a version that is not selected, hence the try.
for candidate in \
    "${HELPDESK_PYTHON:-}" \
    "$(command -v "python$version" || true)" \
    "$(command -v python3 || true)" \
    $pyenv_found \
    "$uv_found"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && is_right "$candidate"; then
        echo "$candidate"
        exit 0
    fi
done

cat >&2 <<MESSAGE
Helpdesk needs Python $version, and there is none here. Get it in one of these ways, then try again:
    uv python install $version
    pyenv install $version
    sudo apt install python$version python$version-venv      (or your system's package)
    HELPDESK_PYTHON=/path/to/python$version make …           (if it is somewhere else)
MESSAGE
exit 1
