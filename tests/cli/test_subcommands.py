"""Each subcommand is in one list and has a file of its own, which is imported when it is called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ecs_tui.cli import (
    activity,
    audit,
    cache,
    dashboard,
    demo,
    deploy,
    doctor,
    exec,
    iam_policy,
    info,
    logs,
    ls,
    problems,
    record,
    review,
    rollback,
    run_task,
    scale,
    sessions,
    sign_in,
    stop,
    wait,
)  # fmt: skip
from ecs_tui.cli.main import SUBCOMMANDS, main
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.config.settings import Settings
from ecs_tui.errors import WrongUsage
from ecs_tui.model.reference import parse_target
from tests.support.cli_commands import commands

FILES = {
    "activity": activity, "audit": audit, "cache": cache, "dashboard": dashboard, "demo": demo,
    "deploy": deploy, "doctor": doctor, "exec": exec, "iam-policy": iam_policy, "info": info,
    "logs": logs, "ls": ls, "login": sign_in, "problems": problems, "record": record,
    "review": review, "rollback": rollback, "run-task": run_task, "scale": scale,
    "sessions": sessions, "stop": stop, "wait": wait,
}  # fmt: skip
HEAVY = {"botocore", "aiobotocore", "textual", "moto", "aiohttp", "rich", "pyghostty"}


def imported(*argv: str) -> set[str]:
    """The modules that a call of the program imports before it runs anything."""
    code = (
        "import sys\nfrom ecs_tui.cli.main import main\n"
        f"try: main({list(argv)!r})\nexcept SystemExit: pass\n"
        "import json; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def of_cli(modules: set[str]) -> set[str]:
    prefix = "ecs_tui.cli."
    return {name.removeprefix(prefix) for name in modules if name.startswith(prefix)}


def heavy(modules: set[str]) -> set[str]:
    return {name.split(".")[0] for name in modules} & HEAVY


def test_the_list_has_them_all_and_their_summaries() -> None:
    assert {entry.name for entry in SUBCOMMANDS} == set(FILES)
    for entry in SUBCOMMANDS:
        module = FILES[entry.name]
        assert module.__name__ == f"ecs_tui.cli.{entry.module}"
        assert module.SUBCOMMAND.name == entry.name
        assert module.SUBCOMMAND.help.partition("\n\n")[0] == entry.summary
        assert len(entry.summary) <= 62, "one line of the help, also on 80 columns"


@pytest.mark.parametrize("argv", [("--version",), ("--help",), ("-h",), ("nothing",)])
def test_version_and_help_import_no_subcommand_and_nothing_heavy(argv: tuple[str, ...]) -> None:
    modules = imported(*argv)
    assert of_cli(modules) == {"main"}
    assert heavy(modules) == set()
    assert ("asyncio" in modules) == (argv == ("nothing",)), "only an error needs it"


@pytest.mark.parametrize("name", [entry.name for entry in SUBCOMMANDS if entry.name != "demo"])
def test_a_subcommand_imports_no_other_one(name: str) -> None:
    modules = imported(name, "--help")
    own = next(entry.module for entry in SUBCOMMANDS if entry.name == name)
    assert of_cli(modules) & {entry.module for entry in SUBCOMMANDS} == {own}
    assert heavy(modules) == set()


def test_the_dashboard_imports_no_rows_no_formats_and_no_other_subcommand() -> None:
    modules = imported()  # without a terminal it says so
    assert of_cli(modules) == {"main", "dashboard", "subcommand"}
    assert heavy(modules) == set()


def test_the_help_lists_summaries_in_order_and_fits_80_columns() -> None:
    text = CliRunner().invoke(main, ["--help"], terminal_width=80).output
    listed = text.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == [entry.name for entry in SUBCOMMANDS]
    for entry, line in zip(SUBCOMMANDS, listed, strict=True):
        assert line.endswith(entry.summary.removesuffix(".")) or line.endswith(entry.summary)
    assert max(map(len, text.splitlines())) <= 80
    assert "COMMAND [ARGS]... | ADDRESS" in text


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("cache", "demo")])
def test_who_calls_aws_takes_profile_and_region(name: str) -> None:
    command = FILES[name].SUBCOMMAND.command()
    options = {option for each in command.params for option in each.opts}
    assert {"--profile", "--region"} <= options
    assert not {"--profile", "--region"} & {
        option for each in cache.SUBCOMMAND.command().params for option in each.opts
    }


def test_json_is_said_to_be_short_for_output_json() -> None:
    found = {
        name: option.help
        for name, command in commands(main, "ecs-tui")
        for option in command.params
        if isinstance(option, click.Option) and "--json" in option.opts
    }
    assert found == dict.fromkeys(
        (
            "ecs-tui ls",
            "ecs-tui doctor",
            "ecs-tui info",
            "ecs-tui logs",
            "ecs-tui activity",
            "ecs-tui problems",
            "ecs-tui audit",
            "ecs-tui sessions",
            "ecs-tui review",
        ),
        "Short for --output json.",
    )


def test_every_option_and_subcommand_is_documented() -> None:
    text = Path("docs/command-line.md").read_text("utf-8")
    for name, command in commands(main, "ecs-tui"):
        assert name in text
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert any(each in text for each in option.opts), f"{name} {option.opts}"


def test_an_unknown_subcommand_is_a_usage_error() -> None:
    done = CliRunner().invoke(main, ["lss"])
    assert done.exit_code == 2
    assert "No such command 'lss'" in done.output


def test_flags_before_and_after_the_subcommand_reach_it() -> None:
    seen: list[Invocation] = []

    def run(invocation: Invocation, *, word: str) -> int:
        seen.append(invocation)
        return 7 if word == "seven" else 0

    made = Subcommand("try", "Try.", run, (click.Argument(["word"]),))
    main.add_command(made.command())
    try:
        for argv in (
            ["try", "seven"],
            ["--profile", "a", "--region", "eu-west-1", "--refresh", "5", "try", "x"],
            ["--profile", "a", "--region", "eu-west-1", "try", "x", "--profile", "b"],
        ):
            done = CliRunner().invoke(main, argv)
            assert done.exit_code == (7 if "seven" in argv else 0), done.output
    finally:
        del main.commands["try"]
    plain, before, after = seen
    assert (plain.profile, plain.region, plain.settings.profile) == (None, None, None)
    assert (before.profile, before.region, before.settings.refresh) == ("a", "eu-west-1", 5.0)
    assert (before.settings.profile, before.settings.region) == ("a", "eu-west-1")
    assert (after.profile, after.settings.profile) == ("b", "b")
    assert (after.region, after.settings.region) == ("eu-west-1", "eu-west-1")


def test_the_account_is_in_the_region_of_the_target() -> None:
    target = parse_target("arn:aws:ecs:eu-west-1:111122223333:service/prod/web")
    settings = Settings.of(profile="dev", region="us-east-1", read_only=True)
    made = Invocation(settings).account(target)
    assert (made.region, made.profile, made.read_only) == ("eu-west-1", "dev", True)
    assert Invocation(settings).account().region == "us-east-1"
    assert Invocation(settings).account(target, profile="ops").profile == "ops"
    assert Invocation(settings, region="eu-west-1").account(target).region == "eu-west-1"
    with pytest.raises(WrongUsage, match="--region is us-east-1, but the target is in eu-west-1"):
        Invocation(settings, region="us-east-1").account(target)
    assert made.codes.ask is not None
    assert Invocation(settings).account(interactive=False).codes.ask is None
