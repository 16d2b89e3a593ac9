"""The dock: open shells beside or below the list."""
