"""What a pasted text names: an address, a task ID, or an alarm or event with one of them in it.

Alarms reach an operator as mail, as the JSON of an SNS message or of EventBridge, or as a few lines
copied from a chat. Escapes and quotes of JSON are taken out first, so that one search finds ARNs,
URLs and dimensions in all of them, however deep the JSON is nested. The text is untrusted: only its
first `MAX_CHARACTERS` are read, and every search takes time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ecs_tui.errors import WrongUsage
from ecs_tui.model.address import Reference, is_address, parse_address
from ecs_tui.model.arn import is_task_id, parse_arn
from ecs_tui.model.console import REGION

MAX_CHARACTERS = 32_768
"""Characters of a pasted text that are read: alarms and task events have a few thousand."""
MAX_ADDRESSES = 200
"""ARNs and URLs in a text that are looked at: a task event has some twenty."""
MIN_PREFIX = 6
"""Hex digits from which a word may be the beginning of a task ID."""
_PREFIX = re.compile(
    rf"(?=.{{{MIN_PREFIX},35}}$)[0-9a-f]{{8}}-[0-9a-f-]*|[0-9a-f]{{{MIN_PREFIX},31}}"
)
_RANKS = (
    "task", "container", "service", "container instance", "daemon", "capacity provider",
    "task definition", "target group", "log group", "cluster",
)  # fmt: skip
"""Kinds from the one that says most about an alarm to the one that says least."""

_ARN = re.compile(
    r"arn:aws[a-z-]{0,20}:[a-z]{2,30}:[a-z0-9-]{0,30}:\d{0,12}:[\w/:.+=@#-]{1,2000}", re.A
)
_URL = re.compile(r"https?://[^\s<>|\"'`()\[\]{}]{1,2000}", re.A)
_ADDRESS = re.compile(f"{_URL.pattern}|{_ARN.pattern}", re.A)
_NOISE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|[nrt])|[\\\"'*`]+|&(?:quot|#34|#39|apos);")
"""Escapes and quotes of JSON, at any depth, and marks of chats around words."""
_PUNCTUATION = ".,;:!?"

_FIELD = r"\s{0,4}(?::|=|,\s{0,40}value\s{0,4}[:=])\s{0,40}"
"""Between a dimension's name and its value: `ClusterName: prod`, `name:ClusterName,value:prod`."""
_VALUE = r"([A-Za-z0-9_-]{1,255})"
_DIMENSIONS = ("ClusterName", "ServiceName", "TaskId", "ContainerName", "TaskDefinitionFamily")
"""Dimensions of the namespaces AWS/ECS and ECS/ContainerInsights.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-enhanced-observability-metrics-ECS.html
"""
_AFTER = re.compile(rf"(?<!\w)({'|'.join(_DIMENSIONS)}){_FIELD}{_VALUE}", re.A)
_BEFORE = re.compile(
    rf"(?<!\w)value\s{{0,4}}[:=]\s{{0,4}}{_VALUE}\s{{0,4}},\s{{0,40}}name\s{{0,4}}[:=]\s{{0,4}}"
    rf"({'|'.join(_DIMENSIONS)})(?!\w)",
    re.A,
)
_TASK = re.compile(
    r"(?<!\w)task(?:[ _-]?id)?[\s:=(/#]{1,4}([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?!\w)",
    re.A | re.I,
)
_OWNERS = tuple(
    re.compile(rf"(?<!\w)(?:{name})\s{{0,4}}[:=]\s{{0,40}}(\d{{12}})(?!\d)", re.A)
    for name in ("AccountId", "AWSAccountId|AWS Account|account")
)
"""The account of a metric, which wins: its alarm may be in another one; then that of the alarm or event."""
_REGION_FIELD = re.compile(
    r"(?<!\w)region\s{0,4}[:=]\s{0,40}([a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2})(?!\w)", re.I
)


def one_line(text: str) -> str:
    """A pasted text as one line that an input line can hold: at most `MAX_CHARACTERS`, printable."""
    kept = text[:MAX_CHARACTERS]
    return "".join(char if char.isprintable() else " " for char in kept).strip()


def recognise(text: str) -> Reference | None:
    """What a text names; None for a name, part of one, or a text without anything of ECS.

    Raises:
        WrongUsage: It is an ARN or URL of something else; the message says of what.
    """
    text = text[:MAX_CHARACTERS].strip()
    if len(text.split(maxsplit=1)) == 1:
        word = text.strip("<>\"'`(),;")
        if is_task_id(word):
            return Reference(task=word)
        if _PREFIX.fullmatch(word):
            return Reference(name=word)
        if is_address(word):
            return _address(word)
    return _in_text(text)


def is_pasted(text: str) -> bool:
    """Whether an argument of a command line is an address, a whole task ID, or a text with one in it."""
    text = text.strip()
    if is_address(text) or is_task_id(text):
        return True
    return len(text.split(maxsplit=1)) > 1 and recognise(text) is not None


def _address(word: str) -> Reference | None:
    """What a single ARN or URL names; it may contain another one, as pages of EC2 do."""
    try:
        return parse_address(word)
    except WrongUsage:
        found = _in_text(word)
        if found is None:
            raise
        return found


def _in_text(text: str) -> Reference | None:
    """The thing in a text that says most about it, with the account and the region of the alarm."""
    plain = _NOISE.sub(lambda match: " " if match.group()[1:2] in "nrtu" else "", text)
    found = [*_addresses(plain), *_dimensions(plain)]
    best = min(found, key=lambda each: _RANKS.index(each.kind), default=None)
    task = _only_task(plain)
    if task and (best is None or best.kind in ("cluster", "service")):
        best = replace(best or Reference(), task=task, service="", service_arn="")
    if best is None:
        return None
    clusters = {each.cluster for each in found if each.cluster}
    if not best.cluster and best.kind in ("task", "service") and len(clusters) == 1:
        best = replace(best, cluster=clusters.pop())  # an ARN in the old format
    account, region = _whereabouts(plain)
    if not best.region:
        best = replace(best, region=region)
    if not best.account and best.region == region:
        best = replace(best, account=account)
    return best


def _addresses(text: str) -> Iterator[Reference]:
    for number, match in enumerate(_ADDRESS.finditer(text)):
        if number == MAX_ADDRESSES:
            return
        word = match.group().rstrip(_PUNCTUATION)
        inside = _ARN.search(word, 1) if word.startswith("http") else None
        for each in (word, inside.group() if inside else ""):
            try:
                reference = parse_address(each)
            except WrongUsage:
                continue  # an ARN of the alarm, of a role, of a topic …
            if reference is not None:
                yield reference


def _dimensions(text: str) -> Iterator[Reference]:
    """What the dimensions of a metric name, as (name, value) or (value, name)."""
    values: dict[str, str] = {}
    for match in _AFTER.finditer(text):
        values.setdefault(match[1], match[2])
    for match in _BEFORE.finditer(text):
        values.setdefault(match[2], match[1])
    cluster, service = values.get("ClusterName", ""), values.get("ServiceName", "")
    task, family = values.get("TaskId", ""), values.get("TaskDefinitionFamily", "")
    if cluster and is_task_id(task):
        yield Reference(cluster, task=task, container=values.get("ContainerName", ""))
    elif cluster:
        yield Reference(cluster, service)
    if family:
        yield Reference(definition=family)


def _only_task(text: str) -> str:
    """The ID of a task that the text calls one, if it is the only one: `(task 7d62…)`."""
    found = {match[1] for match in _TASK.finditer(text)}
    return found.pop() if len(found) == 1 else ""


def _whereabouts(text: str) -> tuple[str, str]:
    """(account, region) of an alarm or event: from the alarm's ARN, else from its fields."""
    account = region = ""
    for number, match in enumerate(_ARN.finditer(text)):
        arn = parse_arn(match.group())
        if (
            arn is not None
            and arn.service in ("cloudwatch", "ecs")
            and REGION.fullmatch(arn.region)
        ):
            account, region = arn.account, arn.region
            break
        if number == MAX_ADDRESSES:
            break
    owner = next(filter(None, (each.search(text) for each in _OWNERS)), None)
    if owner is not None:
        account = owner[1]
    named = _REGION_FIELD.search(text)
    if not region and named is not None:
        region = named[1]
    return account, region
