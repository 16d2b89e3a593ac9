"""One module per question; each prints a table, and rows of one shape with --json."""

import os
import tempfile

# What an operator has chosen on this machine must not change the measure.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="ecs-tui-bench-")
# As the command line sets it before Textual is imported.
os.environ.setdefault("TEXTUAL_FPS", "500")
