"""How this program starts itself as a child: nothing is imported from the current folder."""

from __future__ import annotations

import sys


def python_child(module: str, *args: str) -> list[str]:
    """The command line that runs a module of this program in a process of its own.

    `-P` keeps the current folder off the import path, whatever lies there (a `click.py`, say);
    `-I` would lose packages that are installed for the user.
    https://docs.python.org/3/using/cmdline.html#cmdoption-P
    """
    return [sys.executable, "-P", "-m", module, *args]
