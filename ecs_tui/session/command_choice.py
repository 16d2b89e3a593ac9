"""The command of a session: which one is chosen, and what to try if the image lacks it."""

from __future__ import annotations

from collections.abc import Sequence

from ecs_tui.config.settings import ShellSettings
from ecs_tui.config.shell_memory import ShellMemory
from ecs_tui.model.command import (
    ShellCommand,
    choose_command,
    is_shell,
    missing_words,
    not_in_image,
    on_windows,
    other_shells,
)
from ecs_tui.record import dataclass
from ecs_tui.session.session import Session
from ecs_tui.session.state import Ending
from ecs_tui.session.target import Target


def command_for(target: Target, shell: ShellSettings, memory: ShellMemory) -> ShellCommand:
    """The command of a shell in `target` if the operator types none.

    Args:
        target: The container.
        shell: The configured commands.
        memory: The shells that have worked where another one had not.
    """
    return choose_command(
        target.family,
        target.container,
        given=shell.given,
        families=shell.families,
        remembered=memory.command(target.family, target.container),
        default=shell.command,
        windows=target.windows,
    )


@dataclass(frozen=True, slots=True)
class MissingProgram:
    """The image lacks the program of a command.

    Attributes:
        what: A sentence that says so.
        advice: What to do, as a sentence.
        left: The shells that are left to try, the likeliest first.
    """

    what: str
    advice: str
    left: tuple[str, ...] = ()


def image_lacks(session: Session) -> bool:
    """Whether a session ended because the image lacks the program of its command."""
    return session.ending is Ending.TOLD and not_in_image(session.reason)


def missing_program(session: Session, failed: Sequence[str]) -> MissingProgram:
    """What is missing and what to try, for a session of which `image_lacks` is true.

    Args:
        session: The session that has ended.
        failed: The command lines that were tried in this container, its own among them.
    """
    target, line = session.target, session.command
    windows = target.windows or on_windows(session.reason)
    left = other_shells(failed, windows=windows) if is_shell(line) else ()
    what, advice = missing_words(line, failed, left, container=target.container)
    return MissingProgram(what, advice, tuple(left))
