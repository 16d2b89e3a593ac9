"""Escape sequences in a session: `Enter ~ .` disconnects, as in ssh(1), "ESCAPE CHARACTERS"."""

from __future__ import annotations

from enum import StrEnum


class Escape(StrEnum):
    """The command after a tilde."""

    END = "end"
    HELP = "help"


class Tilde:
    """Finds escape sequences in the input of a session.

    A tilde at the start of a line (and of the session) is held back until the next key: `.`
    disconnects, `?` shows help, `~` sends one tilde; any other key is sent with the tilde.
    """

    def __init__(self) -> None:
        self._line_start = True
        self._held = False

    def feed(self, data: bytes) -> tuple[bytes, Escape | None]:
        """Process input; returns (bytes to send, the command or None)."""
        out = bytearray()
        for at in range(len(data)):
            byte = data[at : at + 1]
            if self._held:
                self._held = False
                if byte == b".":
                    return bytes(out), Escape.END
                if byte == b"?":
                    self._line_start = True
                    return bytes(out), Escape.HELP
                out += b"~" if byte == b"~" else b"~" + byte
            elif byte == b"~" and self._line_start:
                self._held = True
                continue
            else:
                out += byte
            self._line_start = byte in (b"\r", b"\n")
        return bytes(out), None
