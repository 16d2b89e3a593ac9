"""Child processes, output and secrets."""
