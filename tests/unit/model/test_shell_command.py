"""Which command a shell runs: the order of settings, agents' messages, remembered shells."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ecs_tui.config import settings
from ecs_tui.config.shell_memory import MAX_HISTORY, ShellMemory
from ecs_tui.errors import SettingsError
from ecs_tui.model.command import (
    LINUX_SHELLS,
    Origin,
    choose_command,
    family_of,
    is_shell,
    missing_words,
    not_in_image,
    on_windows,
    other_shells,
)
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.platform import runs_windows
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.session.channel.payloads import agent_words
from ecs_tui.session.plugin_output import closing_text
from ecs_tui.system.atomic_file import state_folder

ALL = {
    "given": "zsh",
    "families": {"web/app": "fish", "web": "ksh", "other": "no"},
    "remembered": "bash",
    "default": "dash",
}


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in ALL.items() if name not in names}


@pytest.mark.parametrize(
    ("known", "windows", "line", "origin"),
    [
        (ALL, False, "zsh", Origin.GIVEN),
        (without("given"), False, "fish", Origin.CONTAINER),
        (without("given") | {"families": {"web": "ksh"}}, False, "ksh", Origin.FAMILY),
        (without("given") | {"families": {"web/log": "ksh"}}, False, "bash", Origin.REMEMBERED),
        (without("given", "families"), False, "bash", Origin.REMEMBERED),
        (without("given", "families", "remembered"), False, "dash", Origin.CONFIG),
        ({}, False, "/bin/sh", Origin.PLATFORM),
        ({}, True, "cmd.exe", Origin.PLATFORM),
        # A shell that was set explicitly is never replaced, /bin/sh on Windows neither.
        ({"given": "/bin/sh"}, True, "/bin/sh", Origin.GIVEN),
        ({"families": {"web": "/bin/sh"}}, True, "/bin/sh", Origin.FAMILY),
        ({"default": "/bin/sh"}, True, "/bin/sh", Origin.CONFIG),
        ({"remembered": "powershell.exe"}, True, "powershell.exe", Origin.REMEMBERED),
    ],
)
def test_what_decides_about_the_command(
    known: dict[str, object], windows: bool, line: str, origin: Origin
) -> None:
    chosen = choose_command("web", "app", windows=windows, **known)  # type: ignore[arg-type]
    assert (chosen.line, chosen.origin) == (line, origin)


def test_what_is_told_beside_a_shell() -> None:
    assert choose_command("web", "app").words == ""
    assert choose_command("web", "app", remembered="bash").words == "bash, as last time"
    assert choose_command("web", "app", given="zsh").words == "zsh"


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7", "web"),
        ("web:7", "web"),
        ("arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/agent:1", "agent"),
        ("", ""),
    ],
)
def test_the_family_of_a_definition(name: str, family: str) -> None:
    assert family_of(name) == family


PTY = "Unable to start command: Failed to start pty: "
OCI = "OCI runtime exec failed: exec failed: unable to start container process: "
MISSING = [
    PTY + "fork/exec /bin/bash: no such file or directory",
    PTY + "fork/exec /bin/x: permission denied",
    PTY + "fork/exec /bin/x: exec format error",
    PTY + 'exec: "bash": executable file not found in $PATH',
    PTY + 'exec: "DRY_RUN=true": executable file not found in $PATH',
    PTY + 'exec: "/opt": is a directory',
    OCI + 'exec: "/bin/bash": stat /bin/bash: no such file or directory: unknown',
    OCI + 'exec: "bash": executable file not found in $PATH: unknown',
    "container_linux.go:348: starting container process caused "
    '"exec: \\"bash\\": executable file not found in $PATH": unknown',
    '"/bin/bash": executable file not found in $PATH: unknown',
    'failed to exec in container: failed to start exec "e1": OCI runtime exec failed: exec failed: '
    'unable to start container process: exec: "sh": executable file not found in $PATH: unknown',
]
MISSING_ON_WINDOWS = [
    'Unable to start command: exec: "bash": executable file not found in %PATH%',
    "Unable to start command: Unable to create process. The system cannot find the file specified.",
    "Failed to start pty: CreateProcess /bin/sh: The system cannot find the path specified.",
    "hcsshim::System::CreateProcess: failure in a Windows system call: "
    "The system cannot find the file specified. (0x2)",
]
OTHER = [
    "Your session timed out due to inactivity and has been terminated.",
    "Unable to start command: failed to start pty since RunAs user web does not exist",
    "encountered an error while creating file /var/lib/amazon/ssm/ipc.log: "
    "open /var/lib/amazon/ssm/ipc.log: no such file or directory",
    "Couldn't start the session because we are unable to validate encryption on CloudWatch Logs "
    "log group. Error: AccessDeniedException",
    "mount: permission denied",
    "Plugin with name InteractiveCommands not found. Step name: InteractiveCommands",
    "exited",
    "",
]


@pytest.mark.parametrize("said", MISSING + MISSING_ON_WINDOWS)
def test_agents_say_in_many_ways_that_the_image_has_no_such_program(said: str) -> None:
    assert not_in_image(said)
    assert on_windows(said) == (said in MISSING_ON_WINDOWS)


@pytest.mark.parametrize("said", OTHER)
def test_what_else_agents_say_is_not_about_the_image(said: str) -> None:
    assert not not_in_image(said)


TITLE = "\n----------ERROR-------\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_words_of_an_agent_stand_below_a_title(end: str) -> None:
    sent = f"{TITLE}{MISSING[0]}\n\n".replace("\n", end)
    assert agent_words(sent) == MISSING[0]
    printed = f"out{end}{end}SessionId: ecs-1 : {sent}{end}{end}".encode()
    assert closing_text(printed, "ecs-1") == MISSING[0]
    assert closing_text(printed, "ecs-2") == ""
    assert agent_words("timed out") == "timed out"
    assert agent_words("") == ""


@pytest.mark.parametrize(
    ("failed", "windows", "offered"),
    [
        (["/bin/sh"], False, "bash"),
        (["/bin/bash"], False, "/bin/sh"),
        (["bash"], False, "/bin/sh"),
        (["/bin/sh", "bash"], False, "sh"),
        (["/bin/sh", "bash", "sh"], False, "/bin/bash"),
        (["/bin/sh"], True, "cmd.exe"),
        (["cmd.exe"], True, "powershell.exe"),
        (list(LINUX_SHELLS), False, None),
    ],
)
def test_what_is_offered_instead(failed: list[str], windows: bool, offered: str | None) -> None:
    assert next(iter(other_shells(failed, windows=windows)), None) == offered


@pytest.mark.parametrize(
    ("line", "shell"),
    [
        ("/bin/sh", True), ("bash", True), ("C:\\Windows\\System32\\cmd.exe", True),
        ("pwsh.exe", True), ("/busybox/sh", True), ("busybox sh", True), ("bash -c 'rm x'", False),
        ("python3", False), ("sh script.sh", False), ("", False), ("'", False),
    ],
)  # fmt: skip
def test_what_counts_as_a_shell(line: str, shell: bool) -> None:
    assert is_shell(line) is shell


@pytest.mark.parametrize(
    ("line", "failed", "left", "what", "advice"),
    [
        ("/bin/sh", ["/bin/sh"], ["bash"], "The image of app has no /bin/sh.", "Try bash."),
        ("sh", ["/bin/sh", "sh"], [], "The image of app has no shell.", "Tried: /bin/sh, sh. "),
        ("A=1 run", ["A=1 run"], [], "The image of app has no A=1.", "sh -c"),
        ("cd /x && ls", ["cd /x && ls"], [], "The image of app has no cd.", "sh -c"),
        ("rake x", ["rake x"], [], "The image of app has no rake.", "another program"),
    ],
)
def test_a_missing_program_is_said_with_what_helps(
    line: str, failed: list[str], left: list[str], what: str, advice: str
) -> None:
    told = missing_words(line, failed, left, container="app")
    assert told[0] == what
    assert advice in told[1]


# -- the config file


def load(tmp_path: Path, text: str, **flags: str) -> settings.ShellSettings:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return settings.load(flags, str(file)).shell


def test_the_commands_of_the_config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = load(tmp_path, 'shell = "/bin/bash"\n')
    table = load(tmp_path, '[shell]\ncommand = "/bin/bash"\n')
    assert short == table == settings.ShellSettings(command="/bin/bash")
    assert load(tmp_path, "") == settings.ShellSettings()
    text = '[shell."web"]\ncommand = "ksh"\n[shell."web/app"]\ncommand = "fish -l"\n'
    assert load(tmp_path, text).families == {"web": "ksh", "web/app": "fish -l"}
    assert load(tmp_path, '[shell.command]\ncommand = "x"\n').families == {"command": "x"}
    monkeypatch.setenv("ECS_TUI_SHELL", "zsh")
    by_variable = load(tmp_path, text)
    assert (by_variable.given, by_variable.families["web"]) == ("zsh", "ksh")
    assert load(tmp_path, text, shell="ash").given == "ash"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("shell = 3\n", ("shell is 3", "a string")),
        ('shell = ""\n', ("shell is ''", "a string")),
        ('shell = ["sh"]\n', ("shell is ['sh']", "a string")),
        ("[shell]\ncommand = 3\n", ("[shell] command is 3", "a string")),
        ('[shell]\ncommand = " "\n', ("[shell] command is ' '", "a string")),
        ('[shell]\nweb = "sh"\n', ("unknown key 'web' in [shell]", '[shell."web"] command')),
        ('[shell."web"]\n', ('[shell."web"] command is missing', "a string")),
        ('[shell."web"]\ncommand = true\n', ('[shell."web"] command is True', "a string")),
        ('[shell."web"]\nprogram = "x"\n', ("unknown key 'program'", '[shell."web"]')),
        ('[shell.web.app]\ncommand = "x"\n', ("unknown key 'app'", '[shell."web/app"]')),
        ('[shell."a b"]\ncommand = "x"\n', ("'a b'", "FAMILY/CONTAINER")),
        ('[shell."a/b/c"]\ncommand = "x"\n', ("'a/b/c'", "FAMILY/CONTAINER")),
    ],
)
def test_a_wrong_command_names_file_key_and_type(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    for part in (str(tmp_path / "config.toml"), *parts):
        assert part in str(caught.value)


# -- the platform

TASK = Task("arn:task", "1", "arn:cluster", container_instance_arn="arn:instance")
DEFINITION = TaskDefinition("arn", "web", 1)
INSTANCE = ContainerInstance("arn", "i", "arn:cluster")


@pytest.mark.parametrize(
    ("family", "os_family", "os_type", "windows"),
    [
        ("Windows_Server_2022_Core", "", "", True),
        ("Linux", "WINDOWS_SERVER_2022_CORE", "windows", False),
        ("", "WINDOWS_SERVER_2022_CORE", "", True),
        ("", "LINUX", "windows", False),
        ("", "", "windows", True),
        ("", "", "linux", False),
        ("", "", "", None),
    ],
)
def test_the_first_that_tells_the_platform_decides(
    family: str, os_family: str, os_type: str, windows: bool | None
) -> None:
    task = replace(TASK, platform_family=family)
    definition = replace(DEFINITION, os_family=os_family)
    assert runs_windows(task, definition, replace(INSTANCE, os_type=os_type)) is windows
    if not family:
        assert runs_windows(task) is None
        assert runs_windows(replace(task, container_instance_arn="")) is False


# -- what is remembered


def test_what_worked_is_remembered_by_family_and_container_and_forgotten() -> None:
    memory = ShellMemory.load()
    assert memory.command("web", "app") == ""
    memory.worked("web", "app", "bash")
    memory.worked("web-2", "app", "sh")
    memory.type("web", "log", "cat /etc/passwd")
    again = ShellMemory.load()
    assert (again.command("web", "app"), again.command("web", "log")) == ("bash", "")
    assert again.history("web", "log") == ["cat /etc/passwd"]
    file = state_folder() / "shells.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again.failed("web", "app", "zsh")
    assert ShellMemory.load().command("web", "app") == "bash"
    again.failed("web", "app", "bash")
    assert ShellMemory.load().command("web", "app") == ""
    again.worked("web", "app", "bash")
    assert again.forget("web") == {"web/app": "bash"}
    found = ShellMemory.load()
    assert (found.history("web", "log"), found.command("web-2", "app")) == ([], "sh")


def test_two_dashboards_keep_what_the_other_one_remembers() -> None:
    first, second = ShellMemory.load(), ShellMemory.load()
    first.worked("web", "app", "bash")
    second.worked("api", "app", "sh")
    assert ShellMemory.load().commands == {"web/app": "bash", "api/app": "sh"}


def test_the_history_is_short_has_each_line_once_and_no_secrets() -> None:
    memory = ShellMemory.load()
    for number in range(MAX_HISTORY + 5):
        memory.type("web", "app", f"run {number}")
    memory.type("web", "app", "run 10")
    memory.type("web", "app", "mysql --password=Zm9yIHRlc3Rz")
    memory.type("web", "app", "x" * 2000)
    lines = ShellMemory.load().history("web", "app")
    assert (len(lines), lines[:2], lines.count("run 10")) == (MAX_HISTORY, ["run 10", "run 24"], 1)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"commands": {"a": 3}}', b"\xff"])
def test_a_damaged_memory_is_none(content: bytes) -> None:
    state_folder().mkdir(parents=True)
    (state_folder() / "shells.json").write_bytes(content)
    memory = ShellMemory.load()
    assert memory.commands == {}
    memory.worked("web", "app", "bash")
    assert ShellMemory.load().command("web", "app") == "bash"


def test_a_disk_that_says_no_is_remembered_for_this_run(own_places: Path) -> None:
    (own_places / "state").write_text("a file where the folder should be")
    memory = ShellMemory.load()
    memory.worked("web", "app", "bash")
    assert memory.command("web", "app") == "bash"
