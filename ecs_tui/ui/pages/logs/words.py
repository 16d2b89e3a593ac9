"""The words around the lines: title, legend of tasks, what is followed, filtered and found."""

from __future__ import annotations

from collections.abc import Sequence

from ecs_tui.config.key_text import KeyText
from ecs_tui.logs.follow import TailGap
from ecs_tui.logs.times import TimeStyle, range_words, shown_time
from ecs_tui.logs.view import TaskNames
from ecs_tui.model.arn import short_name
from ecs_tui.model.log_target import LogTarget
from ecs_tui.model.text import clean, counted
from ecs_tui.resources import Place

LEGEND = 9
"""Tasks with a number."""


def title(place: Place, tasks: int, chosen: str, instead: str) -> str:
    """What the page is about: `web · all 3 tasks`.

    Args:
        place: The place.
        tasks: How many tasks it has.
        chosen: The short name of the only task that is shown; "" for all.
        instead: The ID of the task before, which is shown instead; "" for none.
    """
    target = place.logs or LogTarget()
    if instead:
        who = f"the task before, {clean(instead[:12])}"
    elif target.insights:
        who = f"Container Insights of cluster {clean(place.cluster)}"
    elif place.task_arn:
        who = f"task {short_name(place.task_arn)[:12]}"
    else:
        named = place.service or ", ".join(target.services) or f"cluster {place.cluster}"
        which = f"only task {chosen}" if chosen else f"all {counted(tasks, 'task')}"
        which = "1 task" if tasks == 1 else which
        who = f"{clean(named)} · {which}"
    containers = f" · {clean(', '.join(target.containers))}" if target.containers else ""
    return f"Logs of {who}{containers}"


def about(place: Place) -> str:
    """The subject of a saved file."""
    if place.logs is not None and place.logs.insights:
        return f"{place.cluster}-container-insights"
    return place.task_arn.rpartition("/")[2] or place.service or place.cluster


def state(
    *, loading: str, following: bool, how: str, rate: float, new: int, paused: bool, until: str
) -> str:
    """How the lines come: `● following (live tail)  12 lines/s`."""
    if loading:
        return f"◐ {loading}"
    if until:
        return f"○ up to {until}"
    if paused:
        return "○ paused"
    if following and how:
        pace = f"{rate:,.0f}" if rate >= 10 or not rate else f"{rate:.1f}"
        return f"● following ({how})  {pace} lines/s"
    if following:
        return "◐ starting to follow"
    return f"○ not following  {new:,} new" if new else "○ not following"


def position(index: int, shown: int, every: int) -> str:
    """Where the cursor is: `line 12 of 340 (of 5,000)`."""
    if not every:
        return ""
    among = f" ({every:,} loaded)" if shown != every else ""
    return f"line {index + 1:,} of {shown:,}{among}"


def since(seconds: int) -> str:
    """How far back lines are read."""
    return f"since {range_words(seconds)}" if seconds else "from the first line"


def legend(names: TaskNames, width: int) -> list[tuple[str, int]]:
    """The tasks with their numbers and colours, (`1 d217`, 0), as many as fit."""
    found: list[tuple[str, int]] = []
    used = 0
    for number in range(1, LEGEND + 1):
        task = names.numbered(number)
        if task is None:
            break
        words = f"{number} {names.name(task)}"
        used += len(words) + 2
        if used > width:
            break
        found.append((words, names.colour(task)))
    return found


def filter_words(text: str, shown: int, every: int, problem: str, busy: bool = False) -> str:
    """What is shown of the lines: `& level:warn   37 of 240 lines`."""
    if not text:
        return ""
    found = f"✖ {clean(problem)}" if problem else f"{shown:,} of {every:,} lines"
    return f"& {clean(text)}   {'◐ searching…' if busy else found}"


def search_words(text: str, hit: int, hits: int, problem: str, busy: bool = False) -> str:
    """What was searched: `/ heap   7 of 12`; `hit` is the number of the hit, from 1, 0 for none."""
    if not text:
        return ""
    if busy:
        found = "◐ searching…"
    elif problem:
        found = f"✖ {clean(problem)}"
    elif not hits:
        found = "nothing found"
    else:
        found = f"{hit:,} of {hits:,}" if hit else f"{hits:,} found"
    return f"/ {clean(text)}   {found}"


def gap_words(gap: TailGap, now: int) -> str:
    """What a live tail has left out, and whether that has been read since."""
    start, end = (shown_time(at, TimeStyle.LOCAL, now)[-12:-4] for at in (gap.start, gap.end))
    what = (
        "Above 500 lines/s AWS sends a sample" if gap.sampled else "The live tail was interrupted"
    )
    then = "all lines have been read since" if gap.refilled else "the rest is being read"
    return f"{what}: {start} to {end}, {then}."


def nothing_words(seconds: int, *, filtered: bool) -> str:
    """Why there are no lines; a `KeyText` where keys help."""
    if filtered:
        return KeyText("No line matches. {log-only} changes the filter, {log-all} shows all tasks.")
    if not seconds:
        return "There are no lines."
    return KeyText(
        f"No lines in the last {range_words(seconds)}. {{log-longer}} goes further back."
    )


def problem_words(problems: Sequence[str], most: int = 3) -> str:
    """Some problems, one a line, and how many more there are."""
    shown = [f"✖ {clean(each)}" for each in problems[:most]]
    if len(problems) > most:
        shown.append(f"… and {len(problems) - most} more")
    return "\n".join(shown)
