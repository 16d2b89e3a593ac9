"""The note in the footer: how long it stays, and what clears it."""

from __future__ import annotations

from ecs_tui.ui.notes import NEWS_SECONDS, Notes


def test_the_next_key_clears_a_note() -> None:
    notes = Notes()
    notes.say("Copied.", 100.0, 8.0)
    assert notes.at(107.9) == "Copied."
    assert notes.at(108.0) == ""
    assert notes.answered(101.0)
    assert not notes.answered(102.0), "it has gone already"
    assert notes.at(102.0) == ""


def test_news_is_held_for_a_moment_while_keys_are_typed() -> None:
    notes = Notes()
    notes.say("The task is stopping.", 100.0, 12.0, news=True)
    assert not notes.answered(100.5)
    assert notes.at(101.0) == "The task is stopping."
    assert notes.at(100.0 + NEWS_SECONDS) == "", "a key was typed meanwhile"
    notes.say("Again.", 200.0, 12.0, news=True)
    assert notes.at(205.0) == "Again.", "no key was typed"
    assert notes.answered(206.0)
