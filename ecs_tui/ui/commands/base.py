"""The base class of commands, and the one place that decides whether a command is possible."""

from __future__ import annotations

from typing import ClassVar

from ecs_tui.config.key_text import KeyText
from ecs_tui.ui.context import Context, Workspace


class Command:
    """One command. The class's docstring is its help text; its keys are in `config/keymap.py`.

    Attributes:
        id: Its name in `[keys]` and after `:`.
        aliases: Other names that `:` finds it by.
        title: One or two words for the footer.
        group: Its heading on the help page.
        fits: Names of the lists in which it is possible; () for all.
        misfit: What is said in other lists.
        in_lists: Whether a list must be shown: there is nothing to mark or sort in a text.
        needs_row: Whether a row must be selected.
        mutates: Whether it changes something at AWS; read-only mode disables it then.
        operation: What it calls in the cluster of the context, `ecs:StopTask`; the policy may block it.
        footer: Whether the footer shows it.
        waits: Whether it may wait for AWS or for the operator. It then runs in a worker, on the
            context of its key press.
    """

    id: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""
    group: ClassVar[str] = "Navigation"
    fits: ClassVar[tuple[str, ...]] = ()
    misfit: ClassVar[str] = "Not available in this list."
    in_lists: ClassVar[bool] = False
    needs_row: ClassVar[bool] = False
    mutates: ClassVar[bool] = False
    operation: ClassVar[str] = ""
    footer: ClassVar[bool] = False
    waits: ClassVar[bool] = False

    @property
    def help(self) -> KeyText:
        """The help text: what it does, in a sentence; the first paragraph of its docstring."""
        return KeyText(" ".join((self.__doc__ or "").partition("\n\n")[0].split()))

    def title_here(self, context: Context) -> str:
        """Its title in the footer at the current place."""
        return self.title

    def obstacle(self, context: Context) -> str:
        """Why it is not possible, in a sentence (a `KeyText` if it names commands), or ""."""
        return ""

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Run the command; called only if there is no obstacle."""


def refusal(command: Command, context: Context) -> str:
    """Why a command is not possible in a context, in a sentence, or ""."""
    account = context.connection.account
    if command.mutates and account.read_only:
        return f"Read-only mode: {command.title} is disabled."
    if command.fits and not {context.resource.name, context.place.view} & {*command.fits}:
        return command.misfit
    if command.in_lists and not context.listed:
        return "There is no list here."
    if command.needs_row and context.row is None:
        return "No row selected."
    if command.operation and context.cluster:
        refused = account.refusal(command.operation, context.cluster)
        if refused is not None:
            return str(refused)
    return command.obstacle(context)


def needs_resource(context: Context) -> str:
    """The obstacle for a row of a merged list that shows a message instead of a cluster."""
    return "This row is not an AWS resource." if context.merged and not context.cluster else ""
