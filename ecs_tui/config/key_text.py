"""Texts of ours that name commands, which `Keymap.fill` replaces by their keys."""

from __future__ import annotations


class KeyText(str):
    """A sentence of ours that names commands by their ids in braces: `Press {refresh}.`

    `Keymap.fill` fills nothing else, so that braces in a message from AWS, in a name or in a tag stay
    as they are: what is joined with such a text is a plain string.
    """

    __slots__ = ()
