"""Checks and plans of the doctor."""
