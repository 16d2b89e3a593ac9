"""`python -m ecs_tui.session.channel`: the built-in client as a command."""

from ecs_tui.session.channel.command import main

if __name__ == "__main__":
    raise SystemExit(main())
