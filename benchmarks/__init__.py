"""One module per question; each prints a table, and rows of one shape with --json."""

import os
import sys
import tempfile

# What an operator has chosen on this machine must not change the measure.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="ecs-tui-bench-")
# As the command line sets it before Textual is imported.
os.environ.setdefault("TEXTUAL_FPS", "500")
# An installed program is compiled already: compiling at each start costs time, and memory for good.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
