"""What the keys do that belong to no command, for the help and docs/keys.md."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "audit-layer": "Layer on or off: sessions, changes, policies",
    "audit-shorter": "A shorter range of time", "audit-longer": "A longer range of time",
    "audit-flagged": "Only rows with a mark, or all",
    "audit-group": "Group by person, task, day, command, or not",
    "audit-stop": "Stop reading, or go on", "audit-save": "Save the rows as JSON lines or CSV",
    "closed-reopen": "Reopen the shell, in the replacement task if there is one",
    "closed-command": "Run another command there", "closed-close": "Close the pane",
    "closed-list": "Go to the list",
    "prompt-accept": "Go there, run it, or keep the filter",
    "prompt-leave": "Leave the line; a filter is cleared",
    "prompt-next": "Next match", "prompt-previous": "Previous match",
    "quit-anywhere": "Quit (asks if shells are open)",
    "mark-next": "Next row that stands out", "mark-previous": "Row before that stands out",
    "transcript-mask": "Show what looks like a secret, or hide it",
    "transcript-typed": "Typed commands (a guess), shown or hidden",
    "transcript-event": "The event of CloudTrail that opened the session",
    "log-follow": "Go to the end and follow; moving up stops it",
    "log-task": "Only the lines of that task", "log-all": "The lines of all tasks",
    "log-shorter": "A shorter range of time", "log-longer": "A longer range of time",
    "log-mark": "Mark the line, or unmark it", "log-previous": "The task before the line's task",
    "log-unfold": "Show all of the line, or fold it",
    "log-only": "Only lines that match: words, ~pattern, level:warn, field:value, !not",
    "log-times": "Times: local, UTC, relative",
    "log-editor": "Open the marked lines, or all, in $EDITOR",
    "metrics-shorter": "A shorter range of time", "metrics-longer": "A longer range of time",
    "activity-layer": "Show or hide a layer",
    "activity-shorter": "A shorter range of time", "activity-longer": "A longer range of time",
    "activity-open": "The event, the difference, or the log lines before an exit",
    "problem-evidence": "Show the evidence: events, exits, last lines, what was deployed",
    "problem-hide": "Hide the problem until it changes, with a note; or show it again",
}  # fmt: skip
"""What the keys do that are no commands."""
