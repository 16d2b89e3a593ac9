"""The commands of shells: how they are chosen, asked for, remembered and forgotten.

Sessions and dialogs are imported for the first shell: the first rows need neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.config.shell_memory import ShellMemory
from ecs_tui.model.arn import short_name
from ecs_tui.model.command import Origin, ShellCommand, family_of, is_shell
from ecs_tui.model.container import Container
from ecs_tui.model.task import Task
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.session.state import Ending
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.ui.dock.host import DockHost

if TYPE_CHECKING:
    from ecs_tui.session.command_choice import MissingProgram
    from ecs_tui.session.shell_session import ShellSession
    from ecs_tui.session.target import Target

PROVED_SECONDS = 1.0
"""Seconds after which an open shell proves that its command has started.

An agent that cannot start the command closes the session with its first output.
"""


class ShellChoice:
    """Chooses the commands of shells, and remembers which shells work.

    Attributes:
        memory: Shells that worked and commands that were typed, by family and container.
    """

    def __init__(self, host: DockHost) -> None:
        self._host = host
        self.memory = ShellMemory.load()
        self._failed: dict[tuple[str, str, str], list[str]] = {}
        self._on_windows: dict[str, bool] = {}

    def choose(self, target: Target) -> ShellCommand:
        """The command of a shell in `target` if the operator types none."""
        from ecs_tui.session.command_choice import command_for

        return command_for(target, self._host.settings.shell, self.memory)

    async def target(self, connection: Connection, task: Task, container: Container) -> Target:
        """The target for a container; looks up its platform if that decides the command."""
        from ecs_tui.session import platform
        from ecs_tui.session.target import Target

        target = Target.of(task, container)
        instance_arn = task.container_instance_arn
        if not instance_arn or self.choose(target).origin is not Origin.PLATFORM:
            return target
        if instance_arn not in self._on_windows:
            inventory = connection.inventory
            scope = Scope(Kind.INSTANCE, short_name(task.cluster_arn))
            known = inventory.get(scope, instance_arn)
            self._on_windows[instance_arn] = await platform.on_windows(
                connection.account,
                task,
                inventory.known_definition(task.task_definition),
                known if known is not None and known.described else None,
            )
        return Target.of(task, container, windows=self._on_windows[instance_arn])

    async def ask(self, target: Target, line: str = "") -> ShellCommand | None:
        """Ask for a command; earlier ones and `line` are offered. None if the operator cancels."""
        from ecs_tui.ui.dialogs.command import CommandScreen

        history = self.memory.history(target.family, target.container)
        if line and line not in history:
            history.append(line)
        typed = await self._host.dock.app.push_screen_wait(
            CommandScreen(target.words, history, self.choose(target))
        )
        if not typed:
            return None
        self.memory.type(target.family, target.container, typed)
        return ShellCommand(typed, Origin.TYPED)

    def look(self, shell: ShellSession, now: float) -> None:
        """Called once a second: a shell that stays open proves that its command starts."""
        opened = shell.session.opened_at
        if shell.session.live and opened is not None and now - opened > PROVED_SECONDS:
            self._prove(shell)

    def ended(self, shell: ShellSession) -> MissingProgram | None:
        """What is missing if a session ended because the image lacks its command, else None.

        The session then offers another shell, if one is left to try.
        """
        from ecs_tui.session.command_choice import image_lacks, missing_program

        session, target, line = shell.session, shell.target, shell.command.line
        if not image_lacks(session):
            if session.ending is Ending.EXITED:
                self._prove(shell)
            return None
        failed = self._failed_in(shell)
        if line not in failed:
            failed.append(line)
        self.memory.failed(target.family, target.container, line)
        missing = missing_program(session, failed)
        shell.missing = missing.what
        shell.offered = missing.left[0] if missing.left else ""
        return missing

    def remembered(self, definition: str, row: object) -> list[tuple[str, object]]:
        """The remembered shells as facts for the details of a row.

        Args:
            definition: The task definition of the row, or "".
            row: For a container, only its shell is returned; else those of the whole family.
        """
        family = family_of(definition)
        wanted = row.container.name if isinstance(row, ContainerRow) else ""
        return [
            (f"program in {container}", f"{line}, {Origin.REMEMBERED} (:forget-shell forgets it)")
            for container, line in self.memory.of_family(family).items()
            if wanted in ("", container)
        ]

    def _prove(self, shell: ShellSession) -> None:
        """Note that the command starts; remember it if another shell failed there before."""
        if shell.proved:
            return
        shell.proved = True
        target, command = shell.target, shell.command
        accepted = command.origin is Origin.FALLBACK or (
            command.origin is Origin.TYPED and is_shell(command.line) and self._failed_in(shell)
        )
        if accepted and target.family:
            self.memory.worked(target.family, target.container, command.line)

    def _failed_in(self, shell: ShellSession) -> list[str]:
        account, target = shell.account, shell.target
        where = f"{account.name}@{account.region}"
        return self._failed.setdefault((where, target.family, target.container), [])

    def forget(self, family: str, container: str = "") -> str:
        """Forget all about a family or one of its containers; returns the note to show."""
        for key in list(self._failed):
            if key[1] == family and container in ("", key[2]):
                del self._failed[key]
        where = f"{family}/{container}" if container else family
        gone = self.memory.forget(family, container)
        if not gone:
            return f"No shell is remembered for {where}."
        return f"Forgotten: {', '.join(f'{line} for {key}' for key, line in gone.items())}."
