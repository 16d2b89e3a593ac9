"""Encodes mouse reports. Source: xterm's ctlseqs, "Mouse Tracking"."""

from __future__ import annotations

from ecs_tui.terminal.protocol import Mode

WHEEL_UP, WHEEL_DOWN = 64, 65
RELEASED = 3
MOTION = 32
ALT, CTRL = 8, 16


def encode_mouse(button: int, x: int, y: int, modes: Mode, *, released: bool = False) -> bytes:
    """The report of a mouse event for a program.

    Args:
        button: 0 left, 1 middle, 2 right, 3 none, or `WHEEL_UP`, `WHEEL_DOWN`; plus `MOTION`,
            `ALT` and `CTRL`.
        x, y: Column and row of the cell, from 0.
        modes: The modes that the program has set.
        released: Whether the button was released.

    Returns:
        The bytes; b"" if the program has not enabled this event, or if it does not fit in the old
        format, which has at most 223 columns and rows.
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
