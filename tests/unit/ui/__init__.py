"""Parts of the screen without an account."""
