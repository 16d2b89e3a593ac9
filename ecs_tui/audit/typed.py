"""Which commands were typed in a transcript: a guess, since a transcript has only what was shown.

A line counts as typed if it begins with what looks like a shell's prompt. Commands of other programs
(psql, a Rails console) are found by their own prompts. What was typed without echo is not there.
"""

from __future__ import annotations

import re

_PROMPT = re.compile(
    r"^(?:\[[^\]\n]{1,80}\]\s?[#$%>]|(?:\([\w.-]+\)\s*)?[\w.-]+@[\w.-]+:[^#$%>]{0,120}[#$%>]"
    r"|[\w.-]*(?:bash|sh|ash|zsh)(?:-[\d.]+)?[#$%>]|[~/][\w./-]{0,80}\s?[#$%>]|[#$](?=\s)"
    r"|[\w.-]{1,64}[=(-][#>]|mysql>|MariaDB \[[^\]]*\]>|sqlite>|>>>|In \[\d+\]:|irb\([^)]*\)[:\d>*]*"
    r"|[\w.-]+:\d+\s?[>#]|redis\s?[\w.:-]*>|127\.0\.0\.1:\d+>)\s*(?P<command>\S.*)?$"
)
MAX_COMMAND_CHARACTERS = 1_000


def typed_command(line: str) -> str:
    """The command that was typed in a line, as far as can be told; "" for a line of output."""
    found = _PROMPT.match(line[: 4 * MAX_COMMAND_CHARACTERS])
    command = found["command"] if found is not None else None
    return (command or "").strip()[:MAX_COMMAND_CHARACTERS]
