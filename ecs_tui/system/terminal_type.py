"""What the operator's terminal supports, by TERM, COLORTERM, NO_COLOR and the locale."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from ecs_tui.record import dataclass

Characters = Literal["unicode", "console", "ascii"]
"""All of Unicode; the characters in the Linux console's fonts; only ASCII."""
Modes = Literal["none", "cursor", "screen", "all"]

TRUE_COLOUR = 1 << 24
_DEC = re.compile(r"vt[1-5]\d\d")
_TRUE_COLOUR_NAMES = {
    "alacritty", "contour", "foot", "ghostty", "iterm2", "kitty", "rio", "wezterm",
}  # fmt: skip
_XTERM_LIKE = _TRUE_COLOUR_NAMES | {
    "eterm", "gnome", "konsole", "mintty", "mlterm", "putty", "rxvt", "st", "stterm", "terminator",
    "terminology", "tmux", "vte", "xterm",
}  # fmt: skip
"""Names of xterm-compatible terminals, which are known even without a terminfo entry."""
_SUFFIXES = {
    "direct": TRUE_COLOUR, "256color": 256, "88color": 16, "16color": 16, "color": 8,
}  # fmt: skip
"""Colours by the suffix of TERM. Of 88 colours, only the first 16 have the usual numbers."""
_NUMBERS = (256, 16, 8, 0)
_ADDRESSES = re.compile(rb"\x1b\[%i%p1%d;%p2%d[Hf]")
"""ECMA-48's cursor addressing (cup) as terminfo writes it; ecs-tui sends no other kind."""
_COERCED = {"C.UTF-8", "C.utf8", "UTF-8"}
"""The values that Python sets LC_CTYPE to in the C locale (PEP 538)."""
_SET_IT = "set TERM to your terminal's type, such as xterm-256color"


class UnfitTerminal(Exception):
    """This type of terminal cannot show the dashboard; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class TerminalType:
    """What one type of terminal supports.

    Attributes:
        name: The value of TERM.
        colours: The number of its colours: 0, 8, 16, 256 or `TRUE_COLOUR`.
        colours_by: The variable that determines that number: "TERM", "COLORTERM" or "NO_COLOR".
        characters: Which characters it can show.
        modes: Which of xterm's private modes are sent. "none": only those of the VT100. "cursor":
            also the one that hides the cursor (VT220). "screen": also the alternate screen, mouse,
            paste brackets and focus reports. "all": also queries and the kitty keyboard protocol.
        attributes: Whether it has more attributes than bold, underlined, blinking and reverse.
        mouse: Whether its mouse reports may be switched on.
        commands: Whether it understands operating system commands (OSC) instead of printing them.
        locale: The variable that determines the locale, such as `LANG=C`; "" if none is set.
    """

    name: str
    colours: int = TRUE_COLOUR
    colours_by: str = "TERM"
    characters: Characters = "unicode"
    modes: Modes = "all"
    attributes: bool = True
    mouse: bool = True
    commands: bool = True
    locale: str = ""

    @property
    def has_screen(self) -> bool:
        """Whether it has an alternate screen, and can report mouse, pastes and focus."""
        return self.modes in ("screen", "all")


FULL = TerminalType("xterm-256color")
"""A modern terminal, which supports everything."""


def find(environment: Mapping[str, str] | None = None) -> TerminalType:
    """The type of the terminal that this process runs in.

    It is the same for the whole process: the C library reads only one terminfo entry.

    Args:
        environment: Environment variables; None for those that the process was started with.

    Raises:
        UnfitTerminal: It cannot show the dashboard, or its type is unknown.
    """
    env = started_with() if environment is None else environment
    made = _by_name(env.get("TERM", ""))
    # In tmux, too, TERM may start with "screen".
    in_screen = bool(_base(made.name) == "screen" and env.get("STY") and not env.get("TMUX"))
    colours, by = _colours(env, made, in_screen)
    utf8, locale = utf8_locale(env)
    characters: Characters = "ascii"
    if utf8:
        characters = "console" if _base(made.name) == "linux" else "unicode"
    return replace(
        made,
        colours=colours,
        colours_by=by,
        characters=characters,
        # While it reports the mouse, GNU screen (4.9) holds back an Escape until the next key.
        mouse=made.has_screen and not in_screen,
        locale=locale,
    )


def _base(name: str) -> str:
    return re.split(r"[-.+]", name.lower())[0]


def _by_name(name: str) -> TerminalType:
    """The type by its name, or else by its terminfo entry."""
    if not name:
        raise UnfitTerminal(f"TERM is not set: {_SET_IT}")
    base, last = _base(name), name.lower().rpartition("-")[2]
    by_suffix = _SUFFIXES.get(last, 0)
    if _DEC.fullmatch(base):
        modes: Modes = "none" if base < "vt2" else "cursor"
        return TerminalType(name, 0, modes=modes, attributes=False, commands=False)
    if base == "linux":
        return TerminalType(name, max(by_suffix, 8), modes="cursor", commands=False)
    if base == "screen":
        return TerminalType(name, max(by_suffix, 8), modes="screen")
    if base in _XTERM_LIKE:
        if base in _TRUE_COLOUR_NAMES or last in _TRUE_COLOUR_NAMES:
            return TerminalType(name)
        entry = None if by_suffix or base == name else _entry(name)
        return TerminalType(name, max(by_suffix, 8) if entry is None else entry.colours)
    entry = _entry(name)
    if entry is None:
        raise UnfitTerminal(
            f"the terminal type {name[:40]!r} (TERM) is unknown on this machine: {_SET_IT}"
        )
    return entry


def _entry(name: str) -> TerminalType | None:
    """The type by this machine's terminfo database; None if it has no such entry."""
    try:
        import curses
    except ImportError:
        return None
    try:
        curses.setupterm(name, 1)
    except (curses.error, ValueError):
        return None
    addresses, enters, hides, mouse = (
        curses.tigetstr(capability) or b"" for capability in ("cup", "smcup", "civis", "kmous")
    )
    if not _ADDRESSES.match(addresses):
        raise UnfitTerminal(
            f"a terminal of the type {name[:40]!r} (TERM) cannot show the dashboard"
        )
    colours = next(number for number in _NUMBERS if max(0, curses.tigetnum("colors")) >= number)
    if b"?1049h" in enters and mouse:
        return TerminalType(name, colours, modes="screen")
    modes: Modes = "cursor" if hides == b"\x1b[?25l" else "none"
    return TerminalType(name, colours, modes=modes, attributes=False, commands=False)


def _colours(env: Mapping[str, str], made: TerminalType, in_screen: bool) -> tuple[int, str]:
    """The number of colours, and the variable that determines it."""
    if env.get("NO_COLOR"):  # https://no-color.org
        return 0, "NO_COLOR"
    true_colour = env.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit")
    # GNU screen passes on the outer terminal's variable, but itself has only 256 colours.
    if true_colour and made.has_screen and not in_screen:
        return TRUE_COLOUR, "COLORTERM"
    return made.colours, "TERM"


def utf8_locale(environment: Mapping[str, str]) -> tuple[bool, str]:
    """Whether the locale's encoding is UTF-8, and the variable that decides ("": none is set).

    The first of LC_ALL, LC_CTYPE and LANG that is not empty counts (POSIX, Base Definitions 8.2).
    Only its text is checked, not whether the C library has the locale: ssh passes the variables on
    to machines that lack it, and the terminal stays the same.
    """
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = environment.get(variable, "")
        if value:
            codeset = value.partition(".")[2] or value
            plain = codeset.partition("@")[0].replace("-", "").lower()
            return plain == "utf8", f"{variable}={value}"
    return False, ""


def started_with() -> dict[str, str]:
    """The environment, with the locale that this process was started with.

    In the C locale, Python changes LC_CTYPE in its own environment at start-up (PEP 538).
    """
    env = dict(os.environ)
    try:
        parts = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:  # not Linux
        modern = sys.flags.utf8_mode and "PYTHONUTF8" not in env and sys.version_info < (3, 15)
        if modern and env.get("LC_CTYPE") in _COERCED:
            del env["LC_CTYPE"]
        return env
    first = dict(os.fsdecode(part).partition("=")[::2] for part in parts if part)
    if "LC_CTYPE" not in first:
        env.pop("LC_CTYPE", None)
    return env
