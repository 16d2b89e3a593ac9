"""A session client that is a shell script."""

from __future__ import annotations

from pathlib import Path

VERSION = "1.2.707.0"
"""Its answer to `--version`: a plugin of this version reads its token from the environment."""


def client_script(path: Path, *lines: str) -> str:
    """Write a session client to `path`.

    Args:
        path: The file.
        lines: What it runs when it is started for a session.

    Returns:
        The path, for the setting `plugin_path`.
    """
    text = ["#!/bin/sh", f'[ "$1" = --version ] && {{ echo {VERSION}; exit; }}', *lines]
    path.write_text("\n".join(text) + "\n")
    path.chmod(0o700)
    return str(path)
