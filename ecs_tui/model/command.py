"""Which command a shell runs; the exec agent's message if the image lacks it; what to try then."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from ecs_tui.record import dataclass

LINUX_SHELLS = ("/bin/sh", "bash", "sh", "/bin/bash", "/busybox/sh")
"""In the order they are tried. The last is the shell of distroless `:debug` images."""
WINDOWS_SHELLS = ("cmd.exe", "powershell.exe", "pwsh.exe")
"""The first is in every image of Windows Server Core and Nano Server."""
_SHELLS = {
    "sh", "bash", "ash", "dash", "zsh", "ksh", "fish", "csh", "tcsh", "busybox",
    "cmd", "powershell", "pwsh",
}  # fmt: skip


class Origin(StrEnum):
    """Why a command was chosen, the strongest reason first."""

    TYPED = "typed"
    """The operator typed it for this shell."""
    FALLBACK = "fall back"
    """The image lacks the previous command, and the operator accepted this one."""
    GIVEN = "given"
    """`--shell` or `ECS_TUI_SHELL`."""
    CONTAINER = "config, by container"
    FAMILY = "config, by family"
    REMEMBERED = "as last time"
    """It worked in this family and container when another one did not."""
    CONFIG = "config"
    PLATFORM = "default"
    """/bin/sh, or cmd.exe on Windows."""


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """A command line as ExecuteCommand takes it, and why it was chosen."""

    line: str
    origin: Origin

    @property
    def words(self) -> str:
        """What the title bar shows: "bash, as last time"; "" for the default."""
        if self.origin is Origin.PLATFORM:
            return ""
        told = self.origin is Origin.REMEMBERED
        return f"{self.line}, {self.origin}" if told else self.line


def choose_command(
    family: str,
    container: str,
    *,
    given: str = "",
    families: Mapping[str, str] | None = None,
    remembered: str = "",
    default: str = "",
    windows: bool = False,
) -> ShellCommand:
    """The command of a shell in `container` of a task of the definition `family`.

    Args:
        given: By flag or environment, "" without.
        families: Of the config file, by `FAMILY/CONTAINER` or `FAMILY`.
        remembered: The command that worked here before, "" for none.
        default: Of the config file, "" without.
        windows: Whether it is a Windows container.
    """
    families = families or {}
    platform = (WINDOWS_SHELLS if windows else LINUX_SHELLS)[0]
    candidates = (
        (given, Origin.GIVEN),
        (families.get(f"{family}/{container}", ""), Origin.CONTAINER),
        (families.get(family, ""), Origin.FAMILY),
        (remembered, Origin.REMEMBERED),
        (default, Origin.CONFIG),
        (platform, Origin.PLATFORM),
    )
    return next(ShellCommand(line, origin) for line, origin in candidates if line)


def family_of(task_definition: str) -> str:
    """`web` of `…:task-definition/web:7` or `web:7`."""
    return task_definition.rsplit("/", 1)[-1].rsplit(":", 1)[0]


def program_of(line: str) -> str:
    """The program that a command line runs."""
    try:
        words = line.split() if "\\" in line else shlex.split(line)  # a path of Windows
    except ValueError:
        words = line.split()
    return words[0] if words else ""


def is_shell(line: str) -> bool:
    """Whether a command line is an interactive shell and nothing else."""
    words = line.split()
    name = re.split(r"[/\\]", program_of(line))[-1].casefold().removesuffix(".exe")
    return name in _SHELLS and (len(words) == 1 or (name == "busybox" and len(words) == 2))


def other_shells(failed: Collection[str], *, windows: bool) -> tuple[str, ...]:
    """The shells left to try after these command lines have failed."""
    return tuple(line for line in _shells(windows) if line not in failed)


def _shells(windows: bool) -> tuple[str, ...]:
    return WINDOWS_SHELLS if windows else LINUX_SHELLS


_NO_FILE = r"no such file or directory|permission denied|exec format error|(?:is|not) a directory"
_NOT_STARTED = re.compile(
    # amazon-ssm-agent, shell_unix.go: Go's exec and pty, with the path or with the name.
    rf"fork/exec .*(?:{_NO_FILE})"
    rf"|exec: .*(?:executable file not found|{_NO_FILE})"
    r"|executable file not found in [$%]path"
    # runc and containerd under an agent: "stat /bin/bash: no such file or directory".
    rf"|(?:oci runtime|starting container process).*(?:{_NO_FILE})"
    # Windows: winpty, hcsshim and Go's syscall in front of CreateProcess.
    r"|createprocess|unable to create process|failure in a windows system call"
    r"|(?:the system )?cannot find the (?:file|path) specified"
    r"|is not recognized as (?:an internal or external command|the name of a cmdlet)",
    re.DOTALL,
)
_ON_WINDOWS = re.compile(
    r"%path%|createprocess|unable to create process|windows system call|cannot find the"
)


def not_in_image(reason: str) -> bool:
    """Whether the agent's message means that the image lacks the program."""
    return _NOT_STARTED.search(reason.casefold()) is not None


def on_windows(reason: str) -> bool:
    """Whether such a message comes from Windows."""
    return _ON_WINDOWS.search(reason.casefold()) is not None


SHELL_SYNTAX = (
    "ECS runs commands without a shell: write pipes, &&, globs and VAR=value as sh -c '…'."
)


def missing_words(
    line: str, failed: Sequence[str], left: Sequence[str], *, container: str
) -> tuple[str, str]:
    """(what is wrong, what to do) if the image lacks the program of `line`.

    Args:
        line: The command that could not be started.
        failed: The command lines that were tried.
        left: The shells that are left to try.
        container: Its name, for the sentence.
    """
    program = program_of(line) or line
    what = f"The image of {container} has no {program}."
    if not is_shell(line):
        return what, SHELL_SYNTAX if _shell_syntax(line) else "Run another program of the image."
    if left:
        return what, f"Try {left[0]}."
    tried = ", ".join(each for each in failed if is_shell(each))
    return f"The image of {container} has no shell.", f"Tried: {tried}. {NO_SHELL}"


NO_SHELL = (
    "Run one of the image's own programs, deploy its debug variant, or add a sidecar that has "
    "a shell to the task definition."
)


def _shell_syntax(line: str) -> bool:
    program = program_of(line)
    return (
        "=" in program
        or program in ("cd", "export", "source", ".", "if", "for", "while")
        or (any(sign in line for sign in ("&&", "||", "|", ";", ">", "<")))
    )
