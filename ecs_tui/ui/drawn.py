"""What Textual keeps of widgets that are gone."""

from __future__ import annotations

from textual._styles_cache import StylesCache


def forget_removed_widgets() -> None:
    """Let go of the lines that closed screens and panes had drawn.

    A method of Textual's StylesCache (8.2) is an lru_cache of 1,024 entries whose keys hold the
    object itself, and with it every line of its widget: tens of kB for each dialog ever opened.
    The entries are colours, cheap to find again.
    """
    clear = getattr(StylesCache.get_inner_outer, "cache_clear", None)
    if clear is not None:  # a later Textual may not have it
        clear()
