"""`python -m ecs_tui` is the same as the `ecs-tui` command."""

from ecs_tui.cli.main import main

if __name__ == "__main__":
    main()
