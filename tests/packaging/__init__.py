"""The lock file, and the wheel in an empty environment."""
