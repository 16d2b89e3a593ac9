"""One module per question; each prints a table, and rows of one shape with --json."""

import os

# As the command line sets it before Textual is imported.
os.environ.setdefault("TEXTUAL_FPS", "500")
