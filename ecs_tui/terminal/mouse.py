"""The mouse as a terminal reports it. Source: xterm's ctlseqs, "Mouse Tracking"."""

from __future__ import annotations

from ecs_tui.terminal.frame import Mode

WHEEL_UP, WHEEL_DOWN = 64, 65
RELEASED = 3
MOTION = 32
ALT, CTRL = 8, 16


def encode_mouse(button: int, x: int, y: int, modes: Mode, *, released: bool = False) -> bytes:
    """A report of a button (0 left, 1 middle, 2 right, + MOTION, ALT, CTRL) at a cell counted from 0.

    Returns b"" where the program did not ask for it, or the old format cannot say it.
    """
    if not modes.mouse:
        return b""
    if button & MOTION and not modes & (Mode.MOUSE_DRAG | Mode.MOUSE_ANY):
        return b""
    if modes & Mode.MOUSE_SGR:
        return f"\x1b[<{button};{x + 1};{y + 1}{'m' if released else 'M'}".encode()
    if released:
        button = RELEASED | (button & (ALT | CTRL))
    if x > 222 or y > 222:
        return b""
    return b"\x1b[M" + bytes([32 + button, 33 + x, 33 + y])
