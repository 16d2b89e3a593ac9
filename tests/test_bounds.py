"""Numbers that others define, and bounds that are promised: changed on purpose only.

What tests take from the program itself would follow any change of it.
"""

from __future__ import annotations

from types import ModuleType

import pytest

from ecs_tui import crash, hangup, settings
from ecs_tui.aws import ecs, errors, exchange, http
from ecs_tui.inventory import cache, refresher
from ecs_tui.session import life, plugin_output, recording, session
from ecs_tui.session.channel import client, connection, crypto, frame, report, resume, stream
from ecs_tui.terminal import cells, ghostty, link, output, worker
from ecs_tui.terminal import frame as worker_frame

MB = 1024 * 1024


@pytest.mark.parametrize(
    ("module", "numbers"),
    [
        # github.com/aws/session-manager-plugin, src/config and src/message
        (
            stream,
            {"FIRST_TIMEOUT": 0.2, "LONGEST_TIMEOUT": 1.0, "OUT_OF_ORDER": 10_000},
        ),
        (frame, {"HEADER_LENGTH": 116, "MAX_PAYLOAD": 1024}),
        (crypto, {"KEY_BYTES": 64, "NONCE_BYTES": 12}),
        # ECS's API reference: DescribeServices, DescribeTasks; developer guide: ECS Exec
        (ecs, {"SERVICES_A_CALL": 10, "TASKS_A_CALL": 100}),
        (life, {"IDLE_LIMIT": 1200.0, "KEEP_ALIVE_EVERY": 240.0, "WARN_BEFORE": 180.0}),
        # sysexits(3): EX_SOFTWARE
        (crash, {"EXIT_STATUS": 70, "KEPT": 20, "LONGEST": 200_000}),
        (client, {"OUR_FAULT": 70, "HANDSHAKE_WITHIN": 30.0, "KEY_WITHIN": 20.0}),
        # bounds of our own
        (
            stream,
            {"LONGEST_PAUSE": 2.0, "AT_ONCE": 64, "OUT_OF_ORDER_BYTES": 16 * MB, "WINDOW": 1000},
        ),
        (
            connection,
            {"PING_AFTER": 3.0, "STALLED_AFTER": 5.0, "GIVE_UP_AFTER": 15.0, "BACKLOG": 4000},
        ),
        (resume, {"RESUME_FOR": 180.0}),
        (report, {"LONGEST": 4096}),
        (recording, {"ECHO_WITHIN": 1.0}),
        (plugin_output, {"TAIL_BYTES": 2048}),
        (session, {"_TYPED_AHEAD": 65536, "_TERMINATE_WITHIN": 1.0}),
        (http, {"LARGEST": 16 * MB, "LONGEST": 120.0}),
        (exchange, {"HEAD": 2048, "_WORDS": 100}),
        (errors, {"_LONGEST": 400}),
        (settings, {"LARGEST_CONFIG": MB}),
        (hangup, {"ORDERLY": 4.0, "LONGEST": 4.8}),
        (cache, {"LARGEST_FILE": 48 * MB, "LARGEST": 128 * MB}),
        (refresher, {"AT_ONCE": 6, "LONGEST_PAUSE": 60.0, "MOVING_EVERY": 3.0}),
        (worker, {"MEMORY": 1024 * MB, "READ": 256 * 1024, "ANSWER": 8 * MB}),
        (worker_frame, {"LONGEST": 16 * MB}),
        (output, {"LIMIT": 512 * 1024}),
        (link, {"UNPROCESSED": MB, "RING": MB, "LOST": MB, "DEATHS": 3, "WITHIN": 60.0}),
        (ghostty, {"CLIPBOARD": 128 * 1024, "_TITLE": 256}),
        (cells, {"MAX_CLUSTER": 32}),
    ],
)
def test_numbers(module: ModuleType, numbers: dict[str, float]) -> None:
    assert {name: getattr(module, name) for name in numbers} == numbers
