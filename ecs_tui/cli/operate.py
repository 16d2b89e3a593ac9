"""Carries out a plan on the command line: shows it, asks, follows it, and prints its result.

The plan and its progress are on stderr, the result is on stdout.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ecs_tui.aws.account import Account
from ecs_tui.cli.ask import ask_line
from ecs_tui.cli.find import check_account
from ecs_tui.cli.operate_options import AccountSource
from ecs_tui.errors import EcsTuiError, WrongUsage
from ecs_tui.model.reference import Reference, parse_target
from ecs_tui.model.text import clean
from ecs_tui.operations.follow import EndState
from ecs_tui.operations.plan import Plan
from ecs_tui.operations.running import Running
from ecs_tui.record import dataclass
from ecs_tui.system.echo import echo, echo_json
from ecs_tui.system.exit_status import ExitStatus, of_error

STATUS_OF: dict[EndState, ExitStatus] = {
    "done": ExitStatus.YES,
    "failed": ExitStatus.NO,
    "unknown": ExitStatus.NOT_ASKED,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of `OPERATE_PARAMETERS`.

    Attributes:
        yes: Whether yes is taken for granted.
        confirm: The name that confirms a change in production, or "".
        dry_run: Whether the plan is only shown.
        no_wait: Whether it is over once ECS has accepted it.
        form: text or json.
    """

    yes: bool = False
    confirm: str = ""
    dry_run: bool = False
    no_wait: bool = False
    form: str = "text"


async def change_service(
    source: AccountSource,
    cluster: str,
    service: str | None,
    verb: str,
    read_plan: Callable[[Account, str, str], Awaitable[Plan]],
    choices: Choices,
) -> int:
    """Plan a change of the service that `CLUSTER SERVICE` refers to, and carry it out.

    Args:
        read_plan: Makes the plan, from the account, the cluster and the service.

    Returns:
        The exit status.

    Raises:
        EcsTuiError: As `carry_out`; or the service was not found, or a call failed.
    """
    reference = parse_target(cluster, service)
    name = service_of(reference, verb)
    account = source.account(reference)
    try:
        await check_account(account, reference)
        plan = await read_plan(account, reference.cluster, name)
        return await carry_out(account, plan, choices)
    finally:
        await account.close()


async def carry_out(account: Account, plan: Plan, choices: Choices) -> int:
    """Show a plan, have it confirmed, carry it out and print its result.

    Returns:
        The exit status.

    Raises:
        WrongUsage: It is not confirmed, and there is no terminal to ask on.
        ReadOnly: Read-only mode or the policy blocks it; nothing is asked then.
        EcsTuiError: Its call failed.
    """
    running = Running(account, plan)
    plan = running.plan
    _show(plan)
    if choices.dry_run:
        _print(running, choices, "planned", plan.command or "Nothing would be changed.")
        return ExitStatus.YES
    if refused := plan.refusal(account):
        raise refused
    if not await _confirmed(plan, choices):
        _print(running, choices, "cancelled", "")
        echo("ecs-tui: Nothing was changed.", err=True)
        return ExitStatus.NO
    await _run(running, wait=not choices.no_wait)
    if running.error is not None and not running.changed:
        if choices.form == "json":
            _print(running, choices, "failed", running.words)
        raise running.error
    waited = not choices.no_wait or not plan.calls or running.outcome != "done"
    _print(running, choices, running.outcome if waited else "accepted", running.words)
    if running.ready is not None:
        words = f"ecs-tui exec {plan.cluster} {running.ready.id}"
        echo(f"Open a shell with: {clean(words)}", err=True)
    if running.outcome == "unknown" and running.error is not None:
        return of_error(running.error)
    return STATUS_OF[running.outcome]


async def _run(running: Running, *, wait: bool) -> None:
    """Carry it out, and print what it says except its end."""
    told = 0

    def tell() -> None:
        nonlocal told
        for words in running.said[told:]:
            if running.state != "over":
                echo(words, err=True)
        told = len(running.said)

    running.listen(tell)
    try:
        await running.run(wait=wait)
    except asyncio.CancelledError:
        if running.changed:
            echo("ecs-tui: no longer followed; ECS goes on with it.", err=True)
        raise


async def _confirmed(plan: Plan, choices: Choices) -> bool:
    """Whether the plan is confirmed: by an option, else by an answer on the terminal.

    Raises:
        WrongUsage: The option does not fit, or there is neither an option nor a terminal.
    """
    if plan.confirm == "none":
        return True
    if plan.confirm == "name":
        if choices.confirm:
            if choices.confirm != plan.typed:
                raise WrongUsage(
                    f'--confirm is "{clean(choices.confirm)}", but this needs '
                    f'"{clean(plan.typed)}". Nothing was changed.'
                )
            return True
        answer = await ask_line(f'Type "{clean(plan.typed)}" to confirm: ')
        if answer is None:
            raise WrongUsage(
                "This is confirmed by a name, and there is no terminal to ask for it. Nothing was "
                "changed.",
                f"Add --confirm {clean(plan.typed)}.",
            )
        return answer.strip() == plan.typed
    if choices.yes or choices.confirm:
        return True
    answer = await ask_line(f"{clean(plan.title)}? [y/N] ")
    if answer is None:
        raise WrongUsage(
            "There is no terminal to confirm it on. Nothing was changed.", "Add --yes."
        )
    return answer.strip().casefold() in ("y", "yes")


def _show(plan: Plan) -> None:
    echo(clean(plan.title), err=True)
    for words in plan.effects:
        echo(f"  {clean(words)}", err=True)
    for name, before, after in plan.changes:
        echo(f"  {clean(name)}: {clean(before)} → {clean(after)}", err=True)
    for line in plan.command.split("\n") if plan.calls else ():
        echo(f"  $ {clean(line)}", err=True)


def _print(running: Running, choices: Choices, result: str, words: str) -> None:
    """Print the result on stdout; as text, what failed goes to stderr."""
    if choices.form == "json":
        echo_json(_row(running, result, words))
    elif result in ("failed", "unknown"):
        echo(f"ecs-tui: {words}", err=True)
    elif words:
        echo(words)
    if choices.form != "json":
        for task in running.applied.tasks:
            echo(task.arn)


def _row(running: Running, result: str, words: str) -> dict[str, object]:
    """The result as JSON, with the names of the ECS API."""
    plan, applied = running.plan, running.applied
    errors = {id(each.call): each.error for each in applied.results}
    made = {id(each.call) for each in applied.accepted}
    return {
        "operation": plan.id,
        "clusterName": plan.cluster,
        "serviceName": plan.service or None,
        "result": result,
        "message": words,
        "effects": list(plan.effects),
        "command": plan.command or None,
        "calls": [
            {
                "operation": call.operation,
                "parameters": dict(call.parameters),
                "accepted": id(call) in made,
                "error": None if id(call) in made else _error(errors.get(id(call), running.error)),
            }
            for call in plan.calls
        ],
        "taskArns": [task.arn for task in applied.tasks],
        "failures": [
            {"arn": each.arn or None, "reason": each.reason, "detail": each.detail or None}
            for each in applied.failures
        ],
    }


def _error(error: EcsTuiError | None) -> str | None:
    return None if error is None else str(error)


def service_of(reference: Reference, verb: str) -> str:
    """The service (name or ARN) that `CLUSTER SERVICE` refers to.

    Raises:
        WrongUsage: It refers to something else.
    """
    name = reference.service_arn or reference.service or reference.name
    if not name or reference.container or reference.container_arn:
        raise WrongUsage(f"{verb} needs a service.", "Give CLUSTER SERVICE, or a service's ARN.")
    return name
