"""Themes: Textual's own for more than 16 colours; ours for 16, 8 and no colours."""

from __future__ import annotations

from textual.theme import Theme

from ecs_tui.terminal.reduced import MAX_REDUCED_COLOURS

RICH = {"dark": "textual-dark", "light": "textual-light"}


def _few(
    name: str, *, back: str, text: str, row: str, on_row: str, warning: str, fine: str
) -> Theme:
    """A theme that uses only the first eight ANSI colours.

    Args:
        back: The background of everything.
        row: The background of the selection, and the colour of lines.
        on_row: The colour of text on `row` and on the background of errors.
    """
    return Theme(
        name=name,
        ansi=True,
        dark=name != "few-light",
        primary=row,
        secondary=row,
        warning=warning,
        error="ansi_red",
        success=fine,
        accent="ansi_magenta",
        foreground=text,
        background=back,
        surface=back,
        panel=back,
        boost=back,
        variables={
            "surface": back,
            "panel": back,
            "boost": back,
            "text": text,
            "text-muted": text,
            "text-disabled": text,
            "foreground-muted": text,
            "ansi-background": back,
            "ansi-foreground": text,
            "block-cursor-background": row,
            "block-cursor-foreground": on_row,
            "block-cursor-blurred-background": row,
            "block-cursor-blurred-foreground": on_row,
            "block-hover-background": back,
            "border": row,
            "border-blurred": row,
            "scrollbar": row,
            "scrollbar-hover": row,
            "scrollbar-active": row,
            "scrollbar-background": back,
            "scrollbar-background-hover": back,
            "scrollbar-background-active": back,
            "scrollbar-corner-color": back,
            "input-selection-background": row,
            "input-selection-foreground": on_row,
            "screen-selection-background": row,
            "screen-selection-foreground": on_row,
        },
    )


FEW_COLOURS = (
    _few(
        "few-dark", back="ansi_black", text="ansi_white", row="ansi_cyan", on_row="ansi_black",
        warning="ansi_yellow", fine="ansi_green",
    ),
    _few(
        "few-light", back="ansi_white", text="ansi_black", row="ansi_blue", on_row="ansi_white",
        warning="ansi_magenta", fine="ansi_black",  # green is too pale on white
    ),
    # Text with a background is shown in reverse video (`terminal/reduced.py`).
    _few(
        "no-colours", back="ansi_default", text="ansi_default", row="ansi_cyan",
        on_row="ansi_default", warning="ansi_default", fine="ansi_default",
    ),
)  # fmt: skip


def theme_name(setting: str, colours: int, *, light: bool | None = None) -> str:
    """The name of the theme.

    Args:
        setting: `auto`, `dark` or `light`.
        colours: The number of the terminal's colours.
        light: Whether the terminal's background is light, for `auto`; None if unknown: dark.
    """
    if not colours:
        return "no-colours"
    chosen = setting if setting != "auto" else "light" if light else "dark"
    return RICH[chosen] if colours > MAX_REDUCED_COLOURS else f"few-{chosen}"
