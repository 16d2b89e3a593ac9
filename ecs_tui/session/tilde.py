"""`Enter ~ .` ends a session from this side, as in ssh(1): "ESCAPE CHARACTERS"."""

from __future__ import annotations

from enum import StrEnum


class Escape(StrEnum):
    """What the operator asked for behind a tilde."""

    END = "end"
    HELP = "help"


class Tilde:
    """Reads keys on their way to the session.

    Only at the beginning of a line (and at the very start) a tilde is held back until the next key
    tells what it was: `.` ends, `?` asks for help, `~` is one tilde, all else goes through with it.
    """

    def __init__(self) -> None:
        self._line_start = True
        self._held = False

    def feed(self, data: bytes) -> tuple[bytes, Escape | None]:
        """(what to type, what was asked for)."""
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
