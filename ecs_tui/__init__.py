"""ecs-tui: a terminal dashboard for Amazon ECS with ECS Exec in a split pane."""

__version__ = "0.1.0"
