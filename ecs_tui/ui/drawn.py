"""Textual's cache of drawn lines, cleared when widgets are removed."""

from __future__ import annotations

from textual._styles_cache import StylesCache


def forget_removed_widgets() -> None:
    """Free the drawn lines of closed screens and panes.

    Textual 8.2 decorates a method of StylesCache with an lru_cache of 1,024 entries. Its keys hold
    the StylesCache and with it every drawn line of the widget: tens of kB for each dialog ever
    opened. The cached values are colours, which are cheap to compute again.
    """
    clear = getattr(StylesCache.get_inner_outer, "cache_clear", None)
    if clear is not None:  # a later Textual may not have it
        clear()
