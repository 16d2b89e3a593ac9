"""Tests: they mirror the rooms of the house and use the real thing."""
