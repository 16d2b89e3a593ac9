"""`python -m ecs_tui`: the same door as the `ecs-tui` command."""

from ecs_tui.cli import main

if __name__ == "__main__":
    main()
