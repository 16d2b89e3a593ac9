"""Tests, in folders by what they need: see docs/testing.md."""
