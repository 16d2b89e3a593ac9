"""Demo accounts, forked from a process that has imported all their modules.

Most test modules start a demo account of their own, and most of its start-up is imports. One
process imports once and forks a child for each account: `python -m tests.support.demo_fork`. It
takes requests on the socket that is its stdin, and ends when that is closed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_SERVICES = (
    "application-autoscaling",
    "autoscaling",
    "ec2",
    "ecs",
    "iam",
    "kms",
    "logs",
    "ssm",
    "sts",
)
"""The services of the account that moto answers, as botocore names them."""


class DemoServer:
    """A running server of a demo account.

    Args:
        flags: Of `ecs-tui demo`.

    Attributes:
        pid: Its process id.
        served: The JSON document that it printed when it was ready.
    """

    def __init__(self, *flags: str) -> None:
        read, self._stdin = os.pipe()
        self._stdout, write = os.pipe()
        request = {"flags": flags, "environment": dict(os.environ), "folder": os.getcwd()}
        data = json.dumps(request).encode()
        try:
            asked = _fork_server()
            socket.send_fds(asked, [len(data).to_bytes(4, "big")], [read, write])
            asked.sendall(data)
            self.pid = int.from_bytes(asked.recv(4), "big")
        finally:
            os.close(read)
            os.close(write)
        line = b""
        while not line.endswith(b"\n"):
            part = os.read(self._stdout, 4096)
            assert part, "the demo account ended before it was ready"
            line += part
        self.served: dict[str, Any] = json.loads(line)

    def end(self, seconds: float) -> None:
        """Close its stdin, and wait at most so many seconds for its end.

        Raises:
            TimeoutError: It did not end, and was killed.
        """
        os.close(self._stdin)
        try:
            # No other process has the other end of its stdout, so it is readable once it ends.
            if not select.select([self._stdout], [], [], seconds)[0]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
                raise TimeoutError(f"the demo account {self.pid} has not ended after {seconds} s")
        finally:
            os.close(self._stdout)


@cache
def _fork_server() -> socket.socket:
    ours, theirs = socket.socketpair()
    argv = [sys.executable, "-m", "tests.support.demo_fork"]
    with theirs:
        # In a session of its own: ctrl+c in the terminal of the tests must not reach it.
        subprocess.Popen(argv, stdin=theirs, cwd=_ROOT, start_new_session=True)
    return ours


def _serve(request: dict[str, Any]) -> None:
    """In the child: run `ecs-tui demo --serve`."""
    from moto.moto_api._internal import mock_random

    from ecs_tui.cli.main import main

    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    random.seed()
    mock_random.seed()  # the fork has copied the seed: all accounts would have the same names
    main(["demo", "--serve", "--with-parent", *request["flags"]], standalone_mode=False)


def _import_all() -> None:
    """Import what every account imports, and read AWS's models, which moto does at the first call."""
    import moto.moto_server.werkzeug_app  # noqa: F401
    from moto.core.base_backend import AccountSpecificBackend
    from moto.core.utils import get_service_model

    import ecs_tui.cli.main
    import ecs_tui.config.settings
    import ecs_tui.system.crash
    import ecs_tui.system.streams  # noqa: F401
    from ecs_tui import demo

    for each in pkgutil.iter_modules(demo.__path__, f"{demo.__name__}."):
        importlib.import_module(each.name)
    session = AccountSpecificBackend.get_session()
    for name in _SERVICES:
        importlib.import_module(f"moto.{name.replace('-', '')}.urls")
        get_service_model(name)
        session.get_available_regions(name)


def _loop(asked: socket.socket) -> None:
    while True:
        head, descriptors, _, _ = socket.recv_fds(asked, 4, 2)
        if not head:
            return
        size, data = int.from_bytes(head, "big"), b""
        while len(data) < size:
            data += asked.recv(size - len(data))
        pid = os.fork()
        if pid == 0:
            asked.close()
            os.dup2(descriptors[0], 0)
            os.dup2(descriptors[1], 1)
            for descriptor in descriptors:
                os.close(descriptor)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                _serve(json.loads(data))
            finally:
                os._exit(1)
        for descriptor in descriptors:
            os.close(descriptor)
        asked.sendall(pid.to_bytes(4, "big"))


if __name__ == "__main__":
    _import_all()
    gc.collect()
    gc.freeze()  # so that the children's garbage collections do not copy shared pages
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the servers
    with socket.socket(fileno=os.dup(0)) as requests:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        _loop(requests)
