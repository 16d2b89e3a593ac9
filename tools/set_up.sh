#!/bin/sh
# Makes the virtual environment $1: what requirements.lock pins, each file checked against its hashes.
# PYTHON=... names the Python to make it with.
# Only where the package index does not have a pinned file, what pyproject.toml allows is installed
# instead, and said. A file whose hash differs ends the set-up.
set -eu
venv=$1
python=$venv/bin/python
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A virtual environment that works keeps its Python.
works() { "$python" -m pip --version >/dev/null 2>&1; }
# Distributions compile Python for speed; pyenv, unless told to, does not, and the tests take a
# tenth longer. So the system's comes before what else is on the PATH.
made() {
  for base in ${PYTHON:-/usr/bin/python3 python3}; do
    "$base" -I -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
      && "$base" -m venv "$venv" 2>/dev/null && return
  done
  return 1
}

if command -v uv >/dev/null 2>&1; then
  uv venv -q --allow-existing ${PYTHON:+--python "$PYTHON"} "$venv"
  install() { uv pip install -q --python "$python" "$@"; }
elif works || made; then
  install() { "$python" -m pip install -q --disable-pip-version-check "$@"; }
else
  echo "Python 3.11 or newer with its venv module is needed: install python3 and python3-venv, or uv." >&2
  exit 1
fi

echo "Installing $(grep -c '==' requirements.lock) packages into $venv: a minute or two, the first time only." >&2
if install --require-hashes -r requirements.lock 2>"$log"; then
  # The build backend is among what was checked: nothing else is fetched to build.
  install --no-deps --no-build-isolation -e .
  exit
fi
cat "$log" >&2
# pip's words, then uv's.
lacks='No matching distribution found for|there is no version of|was not found in the package registry'
if grep -Eiq 'hash mismatch|do not match the hashes' "$log" || ! grep -Eq "$lacks" "$log"; then
  exit 1
fi
echo "The package index lacks a file that requirements.lock pins (above):" \
  "installing what pyproject.toml allows instead, with no hashes checked." >&2
"$python" -c '
import tomllib
with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["dependency-groups"]["dev"], sep="\n")
' >"$log"
install -r "$log" -e '.[demo]'
