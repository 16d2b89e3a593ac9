"""ECS in frozen dataclasses, and pure rules over them. No input, no output, no clock."""
