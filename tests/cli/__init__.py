"""The command line, run as processes."""
