"""One module for each question; each prints a table and, with --json, rows of one shape."""
