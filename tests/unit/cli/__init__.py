"""Arguments of the command line and what they refer to."""
