"""Shells that worked and commands that were typed, by task definition family and container."""

from __future__ import annotations

import logging
from typing import TypeVar

import msgspec

from ecs_tui.system.atomic_file import read_regular, state_folder, write_private
from ecs_tui.system.redact import redact

T = TypeVar("T")
log = logging.getLogger("ecs_tui.config.shell_memory")
MAX_FAMILIES = 500
"""Maximum entries, one per family and container; the least recently changed are dropped."""
MAX_HISTORY = 20
"""Maximum command lines per entry."""
MAX_FILE_BYTES = 1 << 20
"""Maximum size of the file in bytes; a larger one is ignored."""
MAX_COMMAND_CHARACTERS = 1000
"""Maximum characters of a command line; a longer one is not remembered."""


class ShellMemory(msgspec.Struct):
    """The file `shells.json` in the state folder (mode 0600). A damaged file is ignored.

    Each change first reads the file again, because other dashboards write to it too. If writing
    fails, the change applies to this run only.

    Attributes:
        commands: The shell that worked after another one had failed, by `FAMILY/CONTAINER`.
        typed: Command lines that were typed, by `FAMILY/CONTAINER`, the newest first.
    """

    commands: dict[str, str] = {}
    typed: dict[str, list[str]] = {}

    @classmethod
    def load(cls) -> ShellMemory:
        """Read the file; the result is empty if it is missing or damaged."""
        memory = cls()
        memory._read()
        return memory

    def command(self, family: str, container: str) -> str:
        """The shell that worked in this container, "" if none is remembered."""
        return self.commands.get(f"{family}/{container}", "")

    def of_family(self, family: str) -> dict[str, str]:
        """The shells that worked in the containers of a family, by container."""
        beginning = f"{family}/"
        return {
            key.removeprefix(beginning): line
            for key, line in self.commands.items()
            if family and key.startswith(beginning)
        }

    def history(self, family: str, container: str) -> list[str]:
        """The command lines that were typed for this container, the newest first."""
        return list(self.typed.get(f"{family}/{container}", ()))

    def worked(self, family: str, container: str, line: str) -> None:
        """Remember `line` as the shell of this container."""
        self._read()
        _put(self.commands, f"{family}/{container}", line)
        self._save()

    def failed(self, family: str, container: str, line: str) -> None:
        """Forget `line` if it is the shell of this container: it no longer starts."""
        self._read()
        if self.command(family, container) == line:
            del self.commands[f"{family}/{container}"]
            self._save()

    def type(self, family: str, container: str, line: str) -> None:
        """Remember a typed command line, unless it is too long or seems to contain a secret."""
        if redact(line) != line or len(line) > MAX_COMMAND_CHARACTERS:
            return
        self._read()
        lines = [line, *(old for old in self.history(family, container) if old != line)]
        _put(self.typed, f"{family}/{container}", lines[:MAX_HISTORY])
        self._save()

    def forget(self, family: str, container: str = "") -> dict[str, str]:
        """Forget the shells and command lines of a family, or of one of its containers.

        Returns:
            The forgotten shells, by `FAMILY/CONTAINER`.
        """
        self._read()

        def meant(key: str) -> bool:
            return key == f"{family}/{container}" if container else key.startswith(f"{family}/")

        gone = {key: line for key, line in self.commands.items() if meant(key)}
        self.commands = {key: line for key, line in self.commands.items() if not meant(key)}
        self.typed = {key: lines for key, lines in self.typed.items() if not meant(key)}
        self._save()
        return gone

    def _read(self) -> None:
        try:
            data = read_regular(state_folder() / "shells.json", MAX_FILE_BYTES)
            found = msgspec.json.decode(data, type=ShellMemory)
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError) as error:
            log.warning("cannot read the remembered shells: %s", error)
            return
        self.commands, self.typed = found.commands, found.typed

    def _save(self) -> None:
        try:
            write_private(state_folder() / "shells.json", msgspec.json.encode(self))
        except OSError as error:
            log.warning("cannot write the remembered shells: %s", error)


def _put(into: dict[str, T], key: str, value: T) -> None:
    """Set `key` as the newest entry, and drop the oldest beyond `MAX_FAMILIES`."""
    into.pop(key, None)
    into[key] = value
    for old in list(into)[:-MAX_FAMILIES]:
        del into[old]
