#!/bin/sh
# Print the first Python 3.11-3.13 that runs and can make virtual environments.
# $ASL_PYTHON, when set, is the only one looked at.
fits='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
can='import ensurepip, venv'
fitting=

for name in ${ASL_PYTHON:-python3 python3.12 python3.13 python3.11 python}; do
    "$name" -c "$fits" 2>/dev/null || continue
    fitting=$name
    if "$name" -c "$can" 2>/dev/null; then
        "$name" -c 'import sys; print(sys.executable)'
        exit 0
    fi
done

if [ -n "$fitting" ]; then
    version=$("$fitting" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$fitting cannot make a virtual environment: its venv or ensurepip is missing." >&2
    echo "On Debian or Ubuntu:  apt-get install python$version-venv   Then run make again." >&2
else
    echo "No Python 3.11, 3.12 or 3.13 was found among: ${ASL_PYTHON:-python3 python3.12 python3.13 python3.11 python}." >&2
    echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.12)," >&2
    echo "or name yours:  ASL_PYTHON=/path/to/python3.12 make book" >&2
fi
exit 1
