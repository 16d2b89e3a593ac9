"""`make screenshots`: redraw the pictures in screenshots/, or others in a folder that is not kept."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from ecs_tui.config.sections import WatchSettings
from tests.screenshots import audit, checks, deployments, incident, shells
from tests.screenshots.stage import Stage, Topic

FOLDER = Path(__file__).parents[2] / "screenshots"
SIZES = ((80, 24), (120, 32), (200, 50))
"""Columns and lines of the matrix."""
_WATCHING = (("watch", WatchSettings()), ("refresh", 2))
_FOLLOWING = (("refresh", 2),)
TOPICS = {
    "lists": Topic(shells.lists),
    "doctor": Topic(checks.doctor),
    "logs": Topic(checks.logs),
    "accounts": Topic(checks.accounts),
    "problems": Topic(incident.problems, incident.FLAGS, _WATCHING),
    "service": Topic(incident.service_page, incident.FLAGS, _WATCHING),
    "deployments": Topic(deployments.deployments, deployments.FLAGS, _FOLLOWING),
    "audit": Topic(audit.audit),
    "sessions": Topic(audit.sessions),
    "record": Topic(audit.record),
}


async def _matrix(stage: Stage, theme: str) -> None:
    await incident.develop(stage)
    for columns, lines in SIZES:
        await stage.pilot.resize_terminal(columns, lines)
        await stage.pilot.pause(0.5)
        await incident.main_screens(stage, f"{columns}x{lines}-{theme}")


async def make(topics: list[str], folder: Path) -> None:
    """Write one SVG for each screen of the topics."""
    for name in topics:
        await TOPICS[name].run(folder)


async def make_matrix(folder: Path) -> None:
    """Write the main screens at all sizes, dark and light."""
    for theme in ("dark", "light"):

        async def main_screens(stage: Stage, theme: str = theme) -> None:
            await _matrix(stage, theme)

        await Topic(main_screens, incident.FLAGS, _WATCHING).run(folder, theme=theme)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("topic", nargs="*", help=f"only these: {', '.join(TOPICS)}")
    parser.add_argument("--into", type=Path, default=FOLDER, help="another folder")
    parser.add_argument(
        "--matrix", type=Path, metavar="FOLDER", help="main screens at all sizes, dark and light"
    )
    asked = parser.parse_args()
    if unknown := set(asked.topic) - set(TOPICS):
        parser.error(f"no topic {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    if asked.matrix:
        asyncio.run(make_matrix(asked.matrix))
    else:
        asyncio.run(make(asked.topic or list(TOPICS), asked.into))
