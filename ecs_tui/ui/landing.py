"""Goes to what an address names: picks the connection, finds the place, and shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ecs_tui.aws.api import ecs
from ecs_tui.config import state
from ecs_tui.config.key_text import KeyText
from ecs_tui.config.policy import UNRESTRICTED
from ecs_tui.errors import AwsError, EcsTuiError, NotFound, ResourceGone
from ecs_tui.model.address import Reference
from ecs_tui.model.arn import short_name
from ecs_tui.model.console import partition_of_region
from ecs_tui.model.text import clean
from ecs_tui.resources.base import Place
from ecs_tui.resources.locate import Located, known_place, loaded_place, locate
from ecs_tui.store.connections import Connection
from ecs_tui.store.reach import connections_for, profiles_for
from ecs_tui.ui.context import Workspace
from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from ecs_tui.ui.dialogs.search import SearchScreen
from ecs_tui.ui.dialogs.text import TextScreen

T = TypeVar("T")


async def land(workspace: Workspace, reference: Reference, cluster: str = "") -> None:
    """Go to what a reference names, in its account and region. Runs in a worker.

    AWS is called only for what neither the words nor the loaded data say; a search can be
    cancelled, and then nothing changes. A profile is opened as the picker would open it.

    Args:
        cluster: The cluster on the screen, which is asked first.

    Raises:
        NotFound: It does not exist, or no known profile reaches its account.
        WrongUsage: Its words do not suffice to find it.
        AwsError: A call failed.
    """
    reaching = await _reaching(workspace, reference)
    if reaching is None:
        return
    if not reaching:
        opened = await _open_profile(workspace, reference)
        if opened is None:
            return
        reaching = [opened]
    known = known_place(reference)
    if known is not None:
        await _arrive(workspace, reaching[0], known)
        return
    for connection in reaching:
        loaded = loaded_place(connection.inventory, reference)
        if loaded is not None:
            await _arrive(workspace, connection, loaded)
            return

    async def search(say: Callable[[str], None]) -> tuple[Connection, Located]:
        return await _search(reaching, reference, cluster, say)

    found = await _watched(workspace, reference, search)
    if found is not None:
        await _arrive(workspace, *found)


async def show_definition(workspace: Workspace, connection: Connection, name: str) -> None:
    """Show a task definition: by ARN, `family:revision`, or a family's newest active revision."""
    account = connection.account
    await workspace.show(
        TextScreen(
            f"task definition {short_name(name)}",
            lambda: ecs.raw_description(account, "task-definition", "", name),
            raw=True,
        )
    )


async def _watched(
    workspace: Workspace,
    reference: Reference,
    search: Callable[[Callable[[str], None]], Awaitable[T]],
) -> T | None:
    """What a search finds, with its progress on the screen; None if it was cancelled."""
    result: list[T] = []

    async def keep(say: Callable[[str], None]) -> bool:
        result.append(await search(say))
        return True

    ended = await workspace.ask(SearchScreen(f"Looking for {reference.words}", keep))
    if isinstance(ended, EcsTuiError):
        raise ended
    return result[0] if ended else None


async def _reaching(workspace: Workspace, reference: Reference) -> list[Connection] | None:
    """The connections that reach it; None if the operator did not wait for the answer."""
    connections = workspace.connections
    if not reference.account or all(each.caller is not None for each in connections.all):
        return await connections_for(connections, reference)

    async def search(_: Callable[[str], None]) -> list[Connection]:
        return await connections_for(connections, reference)

    return await _watched(workspace, reference, search)


async def _open_profile(workspace: Workspace, reference: Reference) -> Connection | None:
    """Open a profile that reaches it; None if the operator chose none.

    The only one that fits is opened at once; with a policy, or if several fit, the picker asks.
    """
    connections = workspace.connections
    account = connections.current.account
    fitting = [] if account.is_demo else await profiles_for(reference.account)
    if not fitting:
        advice = KeyText("Open a profile that does with {profiles}.")
        raise NotFound(_out_of_reach(reference), workspace.keymap.fill(advice))
    chosen = fitting
    if len(fitting) > 1 or account.policy != UNRESTRICTED:
        title = f"Select a profile for account {reference.account}, {reference.region}"
        choices = workspace.choices
        chosen = await workspace.ask(
            ProfilePicker(
                title, fitting, account.name, choices.profiles, lambda: state.save(choices)
            )
        ) or []  # fmt: skip
    if not chosen:
        return None
    workspace.note(f"Opened profile {clean(chosen[0])}, which belongs to that account.")
    return connections.open(chosen[0], reference.region or account.region or None)


def _out_of_reach(reference: Reference) -> str:
    """The error for something that no known profile reaches."""
    kind = f"{reference.kind} {reference.label}"
    if reference.account:
        where = f"account {reference.account}, region {reference.region or 'unknown'}"
        words = f"{kind} is in {where}: no open connection and no profile is known to reach it."
    else:
        partition = partition_of_region(reference.region)
        words = (
            f"{kind} is in region {reference.region} (partition {partition}): no open connection "
            "reaches it."
        )
    return clean(words[:1].upper() + words[1:])


async def _search(
    reaching: list[Connection], reference: Reference, cluster: str, say: Callable[[str], None]
) -> tuple[Connection, Located]:
    """Ask one connection after the other, the clusters of each at the same time.

    Raises:
        AwsError: Nothing was found, and a connection could not be asked.
        NotFound: Nothing was found.
    """
    failed: AwsError | None = None
    missing: EcsTuiError | None = None
    for connection in reaching:

        def progress(asked: int, of: int, at: str = connection.label) -> None:
            say(f"{asked} of {of} clusters asked in {at}")

        try:
            found = await locate(connection.account, reference, (cluster,), progress)
        except (NotFound, ResourceGone) as error:
            missing = missing or error
        except AwsError as error:
            failed = failed or error
        else:
            return connection, found
    if failed is not None:
        raise failed
    assert missing is not None
    raise missing


async def _arrive(workspace: Workspace, connection: Connection, located: Located) -> None:
    if located.place is not None:
        workspace.go(located.place, connection=connection, select=located.select)
    elif connection is not workspace.connections.current:
        workspace.go(Place(), connection=connection)
    if located.definition:
        await show_definition(workspace, connection, located.definition)
