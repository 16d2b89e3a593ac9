"""Which command `ecs-tui exec` runs, and what it prints if the image lacks the program."""

from __future__ import annotations

import json

import pytest

from tests.support.exec_process import TASK, Exec
from tests.support.peer import MISSING_PROGRAM, OUTPUT, Peer

pytestmark = pytest.mark.asyncio
DEFINITION = "arn:aws:ecs:us-east-1:123456789012:task-definition/web:7"


def asked(exec_: Exec) -> str:
    ((_, body),) = exec_.peer.called("ExecuteCommand")
    return str(body["command"])


def on_windows(exec_: Exec) -> None:
    """Make the task a Windows task on EC2; the task definition says so."""
    (task,) = exec_.peer.answers["DescribeTasks"][1]["tasks"]
    task |= {"taskDefinitionArn": DEFINITION, "containerInstanceArn": "arn:instance"}
    definition = {
        "taskDefinitionArn": DEFINITION,
        "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
    }
    exec_.peer.answers["DescribeTaskDefinition"] = (200, {"taskDefinition": definition})


async def closes(peer: Peer) -> None:
    await peer.close_channel()


async def prints_and_closes(peer: Peer) -> None:
    await peer.send(OUTPUT, b"out")
    await peer.close_channel()


@pytest.mark.parametrize(
    ("words", "windows", "command"),
    [
        ((), False, "/bin/sh"),
        ((), True, "cmd.exe"),
        (("--", "/bin/sh"), True, "/bin/sh"),
        (("--", "sh", "-c", "a b"), False, "sh -c 'a b'"),
    ],
)
async def test_the_command(
    exec_: Exec, words: tuple[str, ...], windows: bool, command: str
) -> None:
    if windows:
        on_windows(exec_)
    exec_.words = words
    status, out, err = await exec_.run(prints_and_closes)
    assert (status, out, err, asked(exec_)) == (0, "out", "", command)


async def test_the_config_by_family_counts_here_too(exec_: Exec) -> None:
    (task,) = exec_.peer.answers["DescribeTasks"][1]["tasks"]
    task["taskDefinitionArn"] = DEFINITION
    config = exec_.folder / "config.toml"
    config.write_text('shell = "zsh"\n')
    exec_.words = ()
    await exec_.run(closes, "--config", str(config))
    assert asked(exec_) == "zsh"
    exec_.peer.calls.clear()
    exec_.peer.forget()
    config.write_text('[shell]\ncommand = "zsh"\n[shell."web/app"]\ncommand = "bin/console"\n')
    await exec_.run(closes, "--config", str(config))
    assert asked(exec_) == "bin/console"


@pytest.mark.parametrize("client", ["builtin", "system"])
@pytest.mark.parametrize(
    ("words", "program", "said"),
    [
        (
            (),
            "/bin/sh",
            "ecs-tui: The image of app has no /bin/sh. "
            f"Try: ecs-tui --region us-east-1 exec prod {TASK} app -- bash",
        ),
        (
            ("--", "bash"),
            "bash",
            "ecs-tui: The image of app has no bash. "
            f"Try: ecs-tui --region us-east-1 exec prod {TASK} app -- /bin/sh",
        ),
        (
            ("--", "rake", "x"),
            "rake",
            "ecs-tui: The image of app has no rake. Run another program of the image.",
        ),
    ],
)
async def test_a_program_that_is_not_in_the_image(
    exec_: Exec, client: str, words: tuple[str, ...], program: str, said: str
) -> None:
    exec_.words = words
    text = MISSING_PROGRAM.format(program)

    async def refuse(peer: Peer) -> None:
        await peer.close_channel(json.dumps({"Output": text}).encode())

    if client == "builtin":
        status, _, err = await exec_.run(refuse, "--region", "us-east-1")
    else:
        shown = text.replace("\n", "\\n")
        line = f"printf '\\n\\nSessionId: ecs-1 : {shown}\\n\\n'"
        status, _, err = await exec_.run_client(line, flags=("--region", "us-east-1"))
    assert (status, err) == (1, said + "\n")
