"""Why a command is not possible: one place decides it, and says it in a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecs_tui.config.keymap import default_keymap
from ecs_tui.model.active_session import ActiveSession
from ecs_tui.model.audit_event import AuditTarget
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.resources import Place
from ecs_tui.resources.all_services import AllServicesRow
from ecs_tui.resources.clusters import ClusterRow
from ecs_tui.resources.sessions import SessionRow
from ecs_tui.ui.commands import BY_ID
from ecs_tui.ui.commands.accounts import LogIn, Profiles
from ecs_tui.ui.commands.all_services import AllServices
from ecs_tui.ui.commands.base import Command, needs_resource, refusal
from ecs_tui.ui.commands.browse import (
    AllTasks,
    Down,
    Mark,
    NextTab,
    Open,
    PreviousTab,
    Quit,
    SortColumn,
    Stopped,
    TabNumber,
)
from ecs_tui.ui.commands.console import Console
from ecs_tui.ui.commands.dock import Arrange, CloseShell, Columns
from ecs_tui.ui.commands.doctor import Access, ExecCheck
from ecs_tui.ui.commands.inspect import (
    Definition,
    Deployments,
    DetailsDown,
    Events,
    Overview,
    Raw,
    ToggleDetails,
)
from ecs_tui.ui.commands.operate import ForceDeployment, RunTask, Scale, StopTasks
from ecs_tui.ui.commands.shell import (
    Exec,
    FocusDock,
    ForgetShell,
    Shell,
    each_row,
    shell_task,
)
from ecs_tui.ui.footer import head_keys, possible
from ecs_tui.ui.help import help_sections
from tests.support.contexts import contexts
from tests.support.list_rows import SERVICE, service_row

pytestmark = pytest.mark.asyncio
CLUSTER = ClusterRow(Cluster("arn:prod", "prod", "ACTIVE"), 0, 0)
TASK = Task("arn:aws:ecs:us-east-1:1:task/prod/1", "1", "arn:prod", task_definition="x/web:7")
TASKS = Place("tasks", cluster="prod", service="web")
EVENTS, OVERVIEW = replace(TASKS, view="events"), replace(TASKS, view="overview")
ROW = service_row(SERVICE)

CASES: list[tuple[Command, Place, Any, dict[str, Any], str]] = [
    (Down(), Place(), None, {}, ""), (Quit(), Place(), None, {}, ""),
    (Open(), Place(), None, {}, "No row selected."), (Open(), Place(), CLUSTER, {}, ""),
    (Mark(), Place(), None, {}, "No row selected."),
    (Stopped(), Place(), CLUSTER, {}, "Available in the task list only."),
    (Stopped(), TASKS, None, {}, ""),
    (AllTasks(), Place(), None, {}, "Select a cluster first."), (AllTasks(), Place(), CLUSTER, {}, ""),
    (SortColumn(), Place(), None, {}, "Press the key of a column: o sorts by the next one."),
    (SortColumn(), Place(), None, {"key": "f3"}, ""),
    (Shell(), Place(), CLUSTER, {}, "Open a cluster first, then select a service, task or container."),
    (Shell(), TASKS, None, {}, "No row selected."), (Shell(), TASKS, TASK, {}, ""),
    (ExecCheck(), Place(), CLUSTER, {},
     "Open a cluster first; the exec check is for services, tasks and containers."),
    (Access(), Place(), None, {}, "Select a cluster first."), (Access(), TASKS, None, {}, ""),
    (Deployments(), Place(), CLUSTER, {}, "Select a service first."),
    (Deployments(), Place("tasks", cluster="prod"), TASK, {}, "Select a service first."),
    (Deployments(), Place("tasks", cluster="prod"), replace(TASK, group="service:web"), {}, ""),
    (Events(), TASKS, None, {}, ""), (Overview(), TASKS, None, {}, ""),
    (Events(), EVENTS, None, {}, "It is shown already."),
    (NextTab(), Place(), CLUSTER, {}, "There are no tabs here: open a service first."),
    (PreviousTab(), Place("tasks", cluster="prod"), TASK, {},
     "There are no tabs here: open a service first."),
    (NextTab(), EVENTS, None, {}, ""),
    (TabNumber(), EVENTS, None, {}, "Press the key of a tab: tab shows the next one."),
    (TabNumber(), EVENTS, None, {"key": "4"}, ""),
    (TabNumber(), Place(), CLUSTER, {"key": "4"}, "There are no tabs here: open a service first."),
    (Mark(), OVERVIEW, ROW, {}, "There is no list here."),
    (SortColumn(), OVERVIEW, ROW, {"key": "f1"}, "There is no list here."),
    (ToggleDetails(), OVERVIEW, ROW, {}, "There is no list here."),
    (ToggleDetails(), TASKS, TASK, {"details_pinned": True}, "The details are always shown here."),
    (Open(), OVERVIEW, ROW, {}, ""), (Shell(), OVERVIEW, ROW, {}, ""),
    (Open(), replace(OVERVIEW, view="definition"), ROW, {}, "There is nothing to open here."),
    (Definition(), Place(), CLUSTER, {}, "No task definition for this row."),
    (Definition(), TASKS, TASK, {}, ""),
    (ForgetShell(), Place(), CLUSTER, {}, "Select a service, task or container first."),
    (DetailsDown(), Place(), CLUSTER, {}, "Details are closed. Press d to open them."),
    (DetailsDown(), Place(), CLUSTER, {"details_open": True}, ""),
    (Raw(), Place("accounts"), None, {}, "No row selected."),
    (Console(), Place(), CLUSTER, {}, ""), (Console(), Place(), None, {}, ""),
    (FocusDock(), Place(), None, {}, "No open shells. Press s to open one."),
    (FocusDock(), Place(), None, {"shells": 1}, ""),
    (CloseShell(), Place(), None, {}, "No open shells. Press s to open one."),
    (Arrange(), Place(), None, {"shells": 1}, "Needs at least two open shells."),
    (Columns(), Place(), None, {"shells": 2}, ""),
    (LogIn(), Place(), None, {}, "Credentials are still valid."),
    (Profiles(), Place(), None, {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("command", "place", "row", "more", "words"), CASES)
async def test_a_command_is_possible_or_says_why_not(
    command: Command, place: Place, row: Any, more: dict[str, Any], words: str
) -> None:
    async with contexts() as made:
        found = refusal(command, made.make(place=place, row=row, **more))
        assert default_keymap().fill(found) == words


async def test_read_only_mode_comes_first() -> None:
    async with contexts(read_only=True) as made:
        context = made.make()
        assert refusal(Shell(), context) == "Read-only mode: shell is disabled."
        assert refusal(Exec(), context) == "Read-only mode: command is disabled."
        assert refusal(Down(), context) == ""


async def test_what_changes_one_service_refuses_several_marked_ones() -> None:
    one, two = service_row(SERVICE), service_row(replace(SERVICE, arn="other", name="other"))
    async with contexts() as made:
        place = Place("services", cluster="prod")
        assert refusal(ForceDeployment(), made.make(place=place, row=one)) == ""
        several = made.make(place=place, row=one, rows=(one, two))
        assert refusal(ForceDeployment(), several) == "This changes one service, and 2 are marked."
        assert refusal(Scale(), several) == refusal(ForceDeployment(), several)
        assert refusal(StopTasks(), several) == "Select a task first."


async def test_a_service_of_the_list_of_all_services_is_one_as_in_its_cluster() -> None:
    async with contexts() as made:
        inventory = made.connections.current.inventory
        row = AllServicesRow("dev@us-east-1", "prod", service_row(SERVICE), inventory)
        context = made.make("all-services", row)
        assert (context.cluster, context.service) == ("prod", SERVICE)
        for command in (Shell(), ExecCheck(), ForceDeployment(), Scale(), Events()):
            assert refusal(command, context) == ""
        notice = replace(row, cluster="", row=None, words="loading clusters…")
        for command in (Shell(), ExecCheck(), Raw()):
            assert refusal(command, made.make("all-services", notice)) == (
                "This row is not an AWS resource."
            )
        assert refusal(ForceDeployment(), made.make("all-services", notice)) == (
            "Select a service first."
        )


async def test_marked_tasks_can_be_stopped_unless_all_are_stopping() -> None:
    gone = replace(TASK, arn=f"{TASK.arn}2", desired_status="STOPPED")
    async with contexts() as made:
        both = made.make(place=TASKS, row=TASK, rows=(TASK, gone))
        assert refusal(StopTasks(), both) == ""
        other = made.make(place=TASKS, row=gone)
        assert refusal(StopTasks(), other) == "The task is stopped or stopping already."
        others = made.make(place=TASKS, row=TASK, rows=(gone, replace(gone, arn="3")))
        assert refusal(StopTasks(), others) == "The marked tasks are stopped or stopping already."


async def test_lists_without_a_key_are_reached_from_a_cluster() -> None:
    async with contexts() as made:
        providers = BY_ID["capacity-providers"]
        assert refusal(providers, made.make()) == "Select a cluster first."
        assert refusal(providers, made.make(row=CLUSTER)) == ""
        assert refusal(AllServices(), made.make()) == ""
        assert refusal(RunTask(), made.make()) == "Select a cluster first."


async def test_a_row_without_a_cluster_is_no_resource() -> None:
    async with contexts() as made:
        assert needs_resource(made.make("accounts")) == "This row is not an AWS resource."
        assert needs_resource(made.make("clusters")) == ""


async def test_the_footer_has_shells_first_and_quit_last() -> None:
    async with contexts() as made:
        keymap = default_keymap()
        commands = [Quit(), Open(), ExecCheck(), Stopped(), Shell(), Down()]
        assert possible(commands, made.make(place=TASKS, row=TASK), keymap) == [
            ("s", "shell"), ("D", "exec check"), ("enter", "open"), ("x", "stopped"), ("q", "quit"),
        ]  # fmt: skip
        assert possible(commands, made.make(), keymap) == [("q", "quit")]
        stopped = made.make(place=TASKS.with_stopped(True))
        assert ("x", "running") in possible(commands, stopped, keymap)


async def test_keys_that_a_page_has_for_itself_are_named_for_it_alone() -> None:
    async with contexts() as made:
        keymap, every = default_keymap(), list(BY_ID.values())
        at_problems = replace(made.make("problems"), page_keys="problems")
        keys = possible(every, at_problems, keymap)
        assert keys[:2] == [("enter", "evidence"), ("H", "hide")]
        assert "open" not in dict(keys).values()
        of_header = head_keys(every, at_problems.resource, keymap, read_only=False, page="problems")
        assert ("enter", "open") not in of_header and ("w", "events") in of_header
        of_text = head_keys(every, at_problems.resource, keymap, read_only=False, page="text")
        assert ("w", "events") not in of_text, "it wraps lines there"


async def test_what_a_list_is_opened_for_stands_first() -> None:
    async with contexts() as made:
        row = SessionRow(ActiveSession("s-1", AuditTarget("prod")), "bob")
        commands = [Quit(), Open(), BY_ID["end-session"]]
        keys = possible(commands, made.make("sessions", row), default_keymap())
        assert keys == [("ctrl+k", "end session"), ("enter", "open"), ("q", "quit")]


async def test_the_header_names_no_command_about_services_where_there_is_none() -> None:
    async with contexts() as made:
        every, keymap = list(BY_ID.values()), default_keymap()
        for view, named in (("services", True), ("clusters", False), ("sessions", False)):
            found = dict(head_keys(every, made.make(view).resource, keymap, read_only=False))
            assert ("w" in found, "f" in found) == (named, named), view
        text = made.make(place=OVERVIEW).resource
        assert ("d", "details") not in head_keys(every, text, keymap, read_only=False)


async def test_the_help_page_has_what_is_possible_first() -> None:
    async with contexts() as made:
        groups = help_sections(
            [Down(), Shell(), Stopped(), CloseShell()], made.make(place=TASKS), default_keymap()
        )
        found = {group.title: [keys for keys, _ in group.rows] for group in groups}
        assert list(found)[:2] == ["Here", "Navigation"]
        assert found["Here"] == ["x"]
        assert found["In other lists, or with another row"] == ["s"]
        assert found["In a shell, after ctrl+] or f12"] == ["ctrl+]", "x"]


async def test_a_context_speaks_of_its_own_row() -> None:
    service = Service("arn:web", "web", "arn:prod", task_definition="x/web:8")

    class Row:
        """A row of the list of services."""

    row = Row()
    row.service = service  # type: ignore[attr-defined]
    async with contexts() as made:
        context = made.make(place=Place("services", cluster="prod"), row=row)
        assert context.service is service
        assert context.definition == "x/web:8"
        assert not context.merged
        assert made.make(place=TASKS, row=TASK).definition == "x/web:7"
        assert made.make(row=CLUSTER).cluster == "prod"
        assert made.make(row=CLUSTER).definition == ""
        assert await shell_task(made.make(place=TASKS, row=TASK)) == (TASK, "")


async def test_marked_rows_are_taken_one_by_one() -> None:
    other = replace(TASK, arn="arn:other", id="other")
    async with contexts() as made:
        context = made.make(place=TASKS, row=TASK)
        assert each_row(context)[0] is context
        two = replace(context, rows=(other, TASK), connections=context.connections * 2)
        assert [(each.row, each.rows) for each in each_row(two)] == [
            (other, (other,)), (TASK, (TASK,)),
        ]  # fmt: skip
        one = replace(context, rows=(other,))
        assert [each.row for each in each_row(one)] == [other], "not the one under the cursor"
