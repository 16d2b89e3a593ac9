"""ECS as frozen dataclasses, and pure rules over them. No I/O; the time is passed in."""
