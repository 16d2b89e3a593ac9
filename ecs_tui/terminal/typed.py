"""Textual events for keys and pastes, with the bytes that the terminal sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

from ecs_tui.terminal.background import BackgroundReport, light_background
from ecs_tui.terminal.input import Key, Paste, TerminalReport, Token
from ecs_tui.terminal.recode import canonical

_KNOWN = re.compile(
    rb"\x1b\[(?:[IO]|\?[0-9]+;[0-9]\$y|[0-9]+;[0-9]+R|48;[0-9:]+;[0-9:]+;[0-9:]+;[0-9:]+t)"
)
"""Reports that Textual's parser recognises; it would turn others into keys."""


_BEYOND = re.compile(r"\x1b.*(?::|[0-9]{5}|u\Z)")
"""Sequences that no key has in legacy form, and for which Textual's parser raises ValueError."""


class TypedKey(events.Key):
    """A key: lists use Textual's name of it, shells the bytes that the terminal sent."""

    def __init__(self, key: str, character: str | None, data: bytes) -> None:
        super().__init__(key, character)
        self.data = data

    def copy(self) -> TypedKey:
        """Another event of the same key."""
        return TypedKey(self.key, self.character, self.data)


class PastedText(events.Paste):
    """A paste, with the `Paste` token from the terminal's input."""

    def __init__(self, paste: Paste) -> None:
        super().__init__(paste.data.decode("utf-8", "replace").replace("\0", ""))
        self.paste = paste


# Widgets handle them like the events that they are derived from.
TypedKey.handler_name = events.Key.handler_name
PastedText.handler_name = events.Paste.handler_name


class KeyNames:
    """Converts tokens to events; the names of keys come from Textual's parser."""

    def __init__(self) -> None:
        self._parser = XTermParser()

    def messages(self, token: Token) -> Iterator[Message]:
        """The events for a token."""
        if isinstance(token, Paste):
            yield PastedText(token)
        elif isinstance(token, TerminalReport):
            if token.mouse or _KNOWN.fullmatch(token.data):
                yield from self._parser.feed(token.data.decode("latin-1"))
            elif (light := light_background(token.data)) is not None:
                yield BackgroundReport(light)
        else:
            yield from self._keys(token)

    def _keys(self, token: Key) -> Iterator[TypedKey]:
        data = token.data
        # Named by its legacy form, so that the name is the same with the kitty protocol.
        plain = canonical(data).decode("utf-8", "replace")
        named = list(self._named(plain)) or [events.Key(Keys.Ignore, None)]
        first, *others = named
        yield TypedKey(first.key, first.character, data)
        for each in others:  # Textual may read it as several keys: send it once
            yield TypedKey(each.key, each.character, b"")

    def _named(self, plain: str) -> Iterator[events.Key]:
        if plain == "\x1b":
            yield events.Key("escape", plain)
            return
        if not plain:
            return
        if len(plain) > 1 and plain.isprintable():  # a key that types several characters
            yield from (events.Key(char, char) for char in plain)
            return
        if _BEYOND.search(plain):
            return
        found = list(self._parser._sequence_to_key_events(plain))
        if found or plain[0] != "\x1b":
            yield from found
            return
        rest = plain[1:]
        if len(rest) == 1:
            for event in self._parser._sequence_to_key_events(rest, alt=True):
                if event.key.startswith("alt+"):
                    yield event
                else:
                    yield events.Key(f"alt+{event.key}", None)
