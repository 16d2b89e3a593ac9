"""Commands about the record of a cluster: what AWS keeps, turning it on, who may, and least policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace

if TYPE_CHECKING:
    from ecs_tui.model.rules.iam_policy import PolicyScope, Work


class OfCluster(Command):
    """A command about the selected cluster, or that of the place."""

    waits = True

    def obstacle(self, context: Context) -> str:
        return "" if context.cluster else "Select a cluster first."


class ShowRecord(OfCluster):
    """What AWS records of sessions in the cluster: exec logging, its destination, keys, CloudTrail."""

    id, title, group, aliases = "recording", "recording", "Inspect", ("cluster-record",)

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.model.rules.cluster_record import lines_of_text, record_lines
        from ecs_tui.store.audit_feeds import AuditFeeds
        from ecs_tui.store.cluster_record import read_record
        from ecs_tui.ui.dialogs.text import TextScreen

        workspace.note(f"Reading the record of {context.cluster}…")
        account, settings = context.connection.account, context.settings
        feeds = AuditFeeds.shared(account, cache=settings.cache, athena=settings.audit.athena)
        record = await read_record(account, context.cluster, await feeds.known())
        text = "\n".join(lines_of_text(record_lines(record)))
        await workspace.show(TextScreen(f"Recording of sessions in {context.cluster}", text))


class RecordSessions(OfCluster):
    """Record the sessions in the cluster: shows the plan, with what task roles lack, and asks.

    Once the cluster has the configuration, it offers to verify it.
    """

    id, title, group, mutates = "record-sessions", "record sessions", "Operate", True
    operation = "ecs:UpdateCluster"

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.operations.recording import read_recording_plan
        from ecs_tui.ui.commands.operate import teller
        from ecs_tui.ui.dialogs.plan import PlanScreen

        connection = context.connection
        workspace.note(f"Reading tasks and roles of {context.cluster}…")
        plan = await read_recording_plan(connection.account, context.cluster, None)
        screen = PlanScreen(connection.account, plan, teller(workspace, connection))
        if await workspace.ask(screen) is None:
            return
        connection.refresher.refresh_now()
        if screen.running.outcome == "done":
            await _verify(context, workspace)
        elif screen.state == "running":
            workspace.note("Verify it afterwards with :verify-recording.")


class VerifyRecording(OfCluster):
    """Verify that sessions in the cluster are recorded, by a short one whose transcript is waited for."""

    id, title, group, mutates = "verify-recording", "verify recording", "Operate", True
    operation = "ecs:ExecuteCommand"

    async def run(self, context: Context, workspace: Workspace) -> None:
        await _verify(context, workspace)


async def _verify(context: Context, workspace: Workspace) -> None:
    from ecs_tui.audit.verification import read_verification_plan
    from ecs_tui.ui.commands.operate import operate

    workspace.note(f"Looking for a task in {context.cluster} that a session can be opened in…")
    plan = await read_verification_plan(context.connection.account, context.cluster)
    await operate(workspace, context.connection, plan)


class Review(OfCluster):
    """Access review: who may open a session in the cluster, beside who did in 90 days."""

    id, title, group = "review", "access review", "Inspect"

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.store.audit_feeds import AuditFeeds
        from ecs_tui.ui.dialogs.review import ReviewScreen

        account, settings = context.connection.account, context.settings
        feeds = AuditFeeds.shared(account, cache=settings.cache, athena=settings.audit.athena)
        await workspace.ask(ReviewScreen(account, feeds, context.cluster))


class LeastPolicies(OfCluster):
    """What you lack to view, exec, audit or operate in the cluster, and the least policy for it."""

    id, title, group = "iam-policy", "least policy", "Shells"

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.aws.api.iam import principal_of
        from ecs_tui.model.arn import partition_of
        from ecs_tui.model.permission import Grant
        from ecs_tui.model.rules.iam_policy import WORKS, PolicyScope
        from ecs_tui.ui.dialogs.choose import ChooseScreen
        from ecs_tui.ui.dialogs.text import TextScreen

        connection, name = context.connection, context.cluster
        choices: list[tuple[str, str]] = [(each, each) for each in WORKS]
        picked = await workspace.ask(ChooseScreen("Least policy for", choices, WORKS[0]))
        work = next((each for each in WORKS if each == picked), None)
        if work is None:
            return
        account = connection.account
        caller = connection.caller or await account.caller(alias=False)
        cluster = connection.inventory.cluster(name)
        configuration = cluster.exec_configuration if cluster is not None else None
        key = configuration.kms_key_id if configuration is not None else ""
        partition = partition_of(caller.arn)
        scope = PolicyScope(account.region, caller.account, partition, Grant(cluster=name), key)
        principal = await principal_of(account, caller)
        text = await _page(context, principal, work, scope)
        await workspace.show(TextScreen(f"{work} in {name}: what you lack", text))


async def _page(context: Context, principal: str, work: Work, scope: PolicyScope) -> str:
    from ecs_tui.model.rules.iam_policy import least_policy
    from ecs_tui.store.needs import lacks

    lines = [principal, ""]
    async for answer in lacks(context.connection.account, principal, work, scope):
        sign = "?" if answer.error is not None else "✖" if answer.lacking else "●"
        lines.append(
            f"{sign} {answer.need.sid}, for {answer.need.why}: {answer.words or 'allowed'}"
        )
    lines += ["", "The least policy:", json.dumps(least_policy(work, scope), indent=2)]
    return "\n".join(lines)


RECORD_COMMANDS: tuple[Command, ...] = (
    ShowRecord(), RecordSessions(), VerifyRecording(), Review(), LeastPolicies(),
)  # fmt: skip
