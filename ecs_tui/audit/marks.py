"""What stands out in a transcript: declared patterns with names and reasons. `[transcript]` changes them.

A mark is a hint for a reader: no pattern proves that something happened, and none that nothing did.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ecs_tui.record import dataclass

_COMMAND = r"(?:^|[\s;&|(`#$>])"
"""What stands before a command's name: the start, a blank, the end of a prompt, another command."""
MAX_MARKED_CHARACTERS = 1_000
"""Characters of a line that are looked at: patterns must not take long."""


@dataclass(frozen=True, slots=True)
class MarkPattern:
    """A pattern that marks lines.

    Attributes:
        name: Its name: for filters and exports.
        pattern: A regular expression of Python; small and capital letters are the same.
        reason: Why such a line is worth a look, in a sentence.
    """

    name: str
    pattern: str
    reason: str


@dataclass(frozen=True, slots=True)
class TranscriptMark:
    """A line that a pattern marks; `start` and `end` are the characters that it fits."""

    name: str
    reason: str
    start: int
    end: int


DEFAULT_MARKS: tuple[MarkPattern, ...] = (
    MarkPattern(
        "dump",
        _COMMAND + r"(?:pg_dump(?:all)?|mysqldump|mongodump|redis-cli\s.*--rdb|COPY\s.+\sTO\s)",
        "Data of a database was written to a file or to the screen.",
    ),
    MarkPattern(
        "upload",
        _COMMAND + r"(?:aws\s+s3\s+(?:cp|mv|sync)\s|scp\s|rsync\s|sftp\s|rclone\s|gsutil\s|az\s+storage\s"
        r"|curl\s.*(?:-T\s|--upload-file|--data|-d\s|-F\s|-X\s*P(?:OST|UT))|wget\s.*--post)",
        "Something may have left the container.",
    ),
    MarkPattern(
        "delete",
        _COMMAND + r"(?:rm\s+-\w*[rf]|shred\s|truncate\s|dd\s.*of=|aws\s+s3\s+rm\s|FLUSH(?:ALL|DB)\b)",
        "Files or data were deleted or overwritten.",
    ),
    MarkPattern(
        "sql-change",
        r"\b(?:UPDATE\s+[\w.\"`]+\s+SET|DELETE\s+FROM|INSERT\s+INTO|TRUNCATE\s+TABLE"
        r"|DROP\s+(?:TABLE|DATABASE|SCHEMA)|ALTER\s+TABLE|GRANT\s+\w)",
        "Data or rights in a database were changed by hand.",
    ),
    MarkPattern(
        "secret",
        _COMMAND + r"(?:cat\s.*(?:/run/secrets|\.env\b|id_rsa|\.aws/credentials|\.pgpass)"
        r"|(?:env|printenv)(?:\s|$)|aws\s+(?:secretsmanager|ssm)\s+get-|aws\s+kms\s+decrypt)"
        r"|169\.254\.170\.2|169\.254\.169\.254",
        "Secrets or credentials may have been read.",
    ),
    MarkPattern(
        "install",
        _COMMAND + r"(?:apt(?:-get)?|apk|yum|dnf|microdnf|pip3?|npm|gem|go)\s+(?:-\S+\s+)*"
        r"(?:install|add)\b",
        "Software was installed in a running container.",
    ),
    MarkPattern(
        "download-and-run",
        r"(?:curl|wget)\s[^|]*\|\s*(?:sudo\s+)?(?:ba|da|z)?sh\b",
        "A script from elsewhere was run.",
    ),
    MarkPattern(
        "shell-elsewhere",
        _COMMAND + r"(?:ssh\s|telnet\s|nc\s.*(?:-e|-c|-l)|ncat\s|socat\s)|/dev/tcp/",
        "A connection to or from another machine was opened.",
    ),
    MarkPattern(
        "process",
        _COMMAND + r"(?:kill(?:all)?\s|pkill\s|supervisorctl\s|nginx\s+-s\s)",
        "A process was ended or restarted by hand.",
    ),
)  # fmt: skip


class MarkRules:
    """Patterns, compiled.

    Args:
        patterns: The patterns; the first that fits a line gives its mark.

    Attributes:
        fingerprint: The same for equal patterns only.

    Raises:
        ValueError: A pattern is no regular expression; the message names it.
    """

    def __init__(self, patterns: Iterable[MarkPattern] = DEFAULT_MARKS) -> None:
        self.patterns = tuple(patterns)
        self.fingerprint = hashlib.sha256(repr(self.patterns).encode()).hexdigest()[:16]
        self._compiled = [(_compiled(each), each) for each in self.patterns]

    def mark(self, line: str) -> TranscriptMark | None:
        """The mark of a line; None if no pattern fits."""
        line = line[:MAX_MARKED_CHARACTERS]
        for expression, each in self._compiled:
            if found := expression.search(line):
                return TranscriptMark(each.name, each.reason, *found.span())
        return None


@lru_cache(256)
def _compile(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _compiled(pattern: MarkPattern) -> re.Pattern[str]:
    try:
        return _compile(pattern.pattern)
    except re.error as error:
        raise ValueError(
            f'The pattern of the mark "{pattern.name}" is not valid: {error}'
        ) from None


def chosen_marks(own: Mapping[str, tuple[str, str]], *, declared: bool) -> MarkRules:
    """The operator's patterns, and the declared ones after them unless they are replaced.

    Args:
        own: (pattern, reason) by the mark's name, as in `[transcript.marks]`.
        declared: Whether the declared ones are used besides.

    Raises:
        ValueError: A pattern is no regular expression.
    """
    first = [MarkPattern(name, pattern, reason) for name, (pattern, reason) in own.items()]
    rest = [each for each in DEFAULT_MARKS if each.name not in own] if declared else []
    return MarkRules((*first, *rest))
