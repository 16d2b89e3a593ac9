"""The built-in session client and the small parts of sessions."""
