"""Numbers that others define, and limits that are documented: they change on purpose only.

A test that took them from the program would follow any change.
"""

from __future__ import annotations

from types import ModuleType

import pytest

from ecs_tui.aws import errors, exchange, http
from ecs_tui.aws.api import ecs
from ecs_tui.config import settings
from ecs_tui.session import activity, plugin_output, recording, session
from ecs_tui.session.channel import client, command, connection, crypto, report, resume, stream
from ecs_tui.session.channel import message as frame
from ecs_tui.store import look, refresher
from ecs_tui.store import snapshot as cache
from ecs_tui.system import crash, hangup
from ecs_tui.terminal import link, output, worker
from ecs_tui.terminal import protocol as worker_frame
from ecs_tui.terminal.engines import cells, ghostty

MB = 1024 * 1024


@pytest.mark.parametrize(
    ("module", "numbers"),
    [
        # github.com/aws/session-manager-plugin, src/config and src/message
        (
            stream,
            {"FIRST_TIMEOUT_SECONDS": 0.2, "MAX_TIMEOUT_SECONDS": 1.0, "MAX_OUT_OF_ORDER": 10_000},
        ),
        (frame, {"HEADER_BYTES": 116, "MAX_PAYLOAD_BYTES": 1024}),
        (crypto, {"KEY_BYTES": 64, "NONCE_BYTES": 12}),
        # ECS's API reference: DescribeServices, DescribeTasks; developer guide: ECS Exec
        (ecs, {"SERVICES_PER_CALL": 10, "TASKS_PER_CALL": 100}),
        (
            activity,
            {"IDLE_SECONDS": 1200.0, "KEEP_ALIVE_SECONDS": 240.0, "COUNTDOWN_SECONDS": 180.0},
        ),
        # sysexits(3): EX_SOFTWARE
        (crash, {"EXIT_STATUS": 70, "MAX_FILES": 20, "MAX_TRACEBACK_CHARACTERS": 200_000}),
        (client, {"HANDSHAKE_SECONDS": 30.0, "DATA_KEY_SECONDS": 20.0}),
        (command, {"SOFTWARE_ERROR": 70}),
        # limits of the program
        (
            stream,
            {
                "MAX_PAUSE_SECONDS": 2.0,
                "MAX_RESENT": 64,
                "MAX_OUT_OF_ORDER_BYTES": 16 * MB,
                "WINDOW_MESSAGES": 1000,
            },
        ),
        (
            connection,
            {
                "PING_SECONDS": 3.0,
                "STALLED_SECONDS": 5.0,
                "GIVE_UP_SECONDS": 15.0,
                "MAX_BACKLOG_MESSAGES": 4000,
            },
        ),
        (resume, {"RESUME_SECONDS": 180.0}),
        (report, {"MAX_LINE_BYTES": 4096}),
        (recording, {"ECHO_SECONDS": 1.0}),
        (plugin_output, {"TAIL_BYTES": 2048}),
        (session, {"_MAX_TYPED_AHEAD_BYTES": 65536, "_TERMINATE_SECONDS": 1.0}),
        (http, {"MAX_ANSWER_BYTES": 16 * MB, "MAX_ANSWER_SECONDS": 120.0}),
        (exchange, {"HEAD_BYTES": 2048, "_MAX_WORDS_CHARACTERS": 100}),
        (errors, {"_MAX_QUOTED_CHARACTERS": 400}),
        (settings, {"MAX_CONFIG_BYTES": MB}),
        (hangup, {"ORDERLY_SECONDS": 4.0, "MAX_SECONDS": 4.8}),
        (cache, {"MAX_FILE_BYTES": 48 * MB, "MAX_TOTAL_BYTES": 128 * MB}),
        (look, {"MAX_PAUSE_SECONDS": 60.0}),
        (refresher, {"MAX_PARALLEL": 6, "MOVING_SECONDS": 3.0}),
        (
            worker,
            {
                "MAX_MEMORY_BYTES": 1024 * MB,
                "READ_BYTES": 256 * 1024,
                "MAX_ANSWER_CHARACTERS": 8 * MB,
            },
        ),
        (worker_frame, {"MAX_FRAME_BYTES": 16 * MB}),
        (output, {"MAX_QUEUED_BYTES": 512 * 1024}),
        (
            link,
            {
                "MAX_UNPROCESSED_BYTES": MB,
                "MAX_REPLAY_BYTES": MB,
                "MAX_LOST_BYTES": MB,
                "MAX_DEATHS": 3,
                "DEATH_WINDOW_SECONDS": 60.0,
            },
        ),
        (ghostty, {"MAX_CLIPBOARD_BYTES": 128 * 1024, "_MAX_TITLE_CHARACTERS": 256}),
        (cells, {"MAX_CLUSTER_CODE_POINTS": 32}),
    ],
)
def test_numbers(module: ModuleType, numbers: dict[str, float]) -> None:
    assert {name: getattr(module, name) for name in numbers} == numbers
