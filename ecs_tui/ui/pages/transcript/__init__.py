"""The page of a session's transcript: shown as it looked, with marks, search and typed commands."""
