"""Where the log lines of a container are, or why ecs-tui cannot read them."""

from __future__ import annotations

from enum import Enum

from ecs_tui.record import dataclass


class LogPlace(Enum):
    """What kind of place a container's output goes to."""

    CLOUDWATCH = "CloudWatch Logs"
    ELSEWHERE = "elsewhere"
    """A service or a file that ecs-tui does not read."""
    NOWHERE = "nowhere"
    """The definition has no log configuration, or the driver `none`."""


@dataclass(frozen=True, slots=True)
class LogGroupRef:
    """A log group, with all that is needed to call the API about it.

    Attributes:
        region: Its region; "" for that of the task.
        account: The ID of the account that owns it.
        partition: `aws`, `aws-cn` …
        foreign: Whether it belongs to another account than the task: then the API takes its ARN.
    """

    name: str
    region: str = ""
    account: str = ""
    partition: str = "aws"
    foreign: bool = False

    @property
    def arn(self) -> str:
        """Its ARN without `:*`, as StartLiveTail takes it."""
        return f"arn:{self.partition}:logs:{self.region}:{self.account}:log-group:{self.name}"

    @property
    def identifier(self) -> dict[str, str]:
        """The parameter that names it in FilterLogEvents, GetLogEvents and DescribeLogStreams."""
        if self.foreign:
            return {"logGroupIdentifier": self.arn}
        return {"logGroupName": self.name}


@dataclass(frozen=True, slots=True)
class LogSource:
    """The output of one container of one task.

    Attributes:
        task_arn: The task's ARN; "" for a log group that belongs to no task.
        task: The task's ID.
        container: The container's name.
        place: Where its lines go.
        group: Its log group; None unless it is in CloudWatch Logs.
        stream: Its log stream; "" if only `prefix` is known, or for a whole log group.
        prefix: What the names of its log streams start with, where the name is not known.
        service: The name of the task's service; "" for none.
        words: What an operator must know, in sentences; "" for nothing. Always set if the lines
            are not in CloudWatch Logs.
    """

    task_arn: str
    task: str
    container: str
    place: LogPlace
    group: LogGroupRef | None = None
    stream: str = ""
    prefix: str = ""
    service: str = ""
    words: str = ""

    @property
    def readable(self) -> bool:
        """Whether its lines can be read."""
        return self.group is not None

    def has(self, stream: str) -> bool:
        """Whether a log stream of its group is its own."""
        if self.stream:
            return stream == self.stream
        return stream.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class ContainerExit:
    """The end of a container, which stands as a separator among its lines.

    Attributes:
        task: The task's ID.
        container: The container's name.
        at: Milliseconds since 1970.
        words: How it ended: `exit 137 OutOfMemoryError`.
        failed: Whether it failed.
    """

    task: str
    container: str
    at: int
    words: str
    failed: bool = False
