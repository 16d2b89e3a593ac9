"""The demo account as a process of its own."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.config.policy import CallPolicy
from ecs_tui.system import wall_clock
from tests.support.demo_fork import DemoServer
from tests.support.limits import limit


@dataclass(frozen=True)
class Demo:
    """A running demo account.

    Attributes:
        endpoint: The URL of its AWS APIs.
        region: Its region.
        environment: Variables with which a process calls it.
        pid: The server's process id.
        secret: Allows its `/_ecs-tui/` paths.
    """

    endpoint: str
    region: str
    environment: dict[str, str]
    pid: int
    secret: str

    def account(
        self,
        *,
        read_only: bool = False,
        endpoint: str = "",
        policy: CallPolicy | None = None,
        timeout_seconds: float = 30.0,
    ) -> Account:
        """A connection to it; `endpoint` replaces its own, `policy` the one of `read_only`."""
        return Account(
            None,
            self.region,
            endpoint or self.endpoint,
            policy=policy or CallPolicy(read_only=read_only),
            timeout_seconds=timeout_seconds,
            credentials=Credentials(
                self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"]
            ),
        )

    def counts(self, *, reset: bool = False) -> dict[str, Any]:
        """What the server has counted: `calls`, `throttled`, `failed`, `at_once`.

        Args:
            reset: Whether the counts are set to 0 after that.
        """
        method = "DELETE" if reset else "GET"
        request = urllib.request.Request(
            f"{self.endpoint}/_ecs-tui/counts",
            method=method,
            headers={"X-Ecs-Tui-Secret": self.secret},
        )
        with urllib.request.urlopen(request) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def sessions(self) -> tuple[int, int]:
        """How many sessions were requested and ended so far: ExecuteCommand, TerminateSession."""
        calls = self.counts()["calls"]
        return calls.get("ecs:ExecuteCommand", 0), calls.get("ssm:TerminateSession", 0)

    def heal(self) -> None:
        """End all faults of the API and of the sessions' link."""
        self.set_faults(latency=0.0, deny=[], burst=0, rate=0, errors=0, expired=False)
        self.set_link(drop=0, double=0, swap=0, damage=0, delay=0)
        self.set_link(silent=False, ignore_client=False, refuse=False)

    def advance(self, seconds: float) -> None:
        """Move the account's clock forward, and this process's with it: see `wall_clock.restored`."""
        self._put("clock", {"seconds": seconds})
        wall_clock.advance(seconds)

    def set_faults(self, **fields: Any) -> None:
        """Set faults of its API: fields of `FaultSettings`. The others stay."""
        self._put("faults", fields)

    def set_link(self, **fields: Any) -> None:
        """Set faults of the sessions' link: fields of `LinkFaults`, or `cut=True`."""
        self._put("link", fields)

    def set_logs(self, **fields: Any) -> None:
        """Set the rate of the service `web` (`rate`, lines/s) or what live tails do (`TailFaults`)."""
        self._put("logs", fields)

    def set_audit(self, **fields: Any) -> None:
        """Set how CloudTrail answers: fields of `AuditSettings`."""
        self._put("audit", fields)

    def sampled(self) -> list[tuple[int, int]]:
        """From when to when (ms) the events of each sampled update of a live tail were ingested."""
        request = urllib.request.Request(
            f"{self.endpoint}/_ecs-tui/logs", headers={"X-Ecs-Tui-Secret": self.secret}
        )
        with urllib.request.urlopen(request) as answer:
            return [(start, end) for start, end in json.load(answer)["sampled"]]

    def _put(self, what: str, fields: dict[str, Any]) -> None:
        request = urllib.request.Request(
            f"{self.endpoint}/_ecs-tui/{what}",
            method="PUT",
            data=json.dumps(fields).encode(),
            headers={"X-Ecs-Tui-Secret": self.secret},
        )
        urllib.request.urlopen(request).close()


@contextlib.contextmanager
def demo_account(*flags: str) -> Iterator[Demo]:
    """Serve a demo account until the block ends.

    Args:
        flags: Of `ecs-tui demo`.
    """
    server = DemoServer(*flags)
    served = server.served
    try:
        yield Demo(
            served["endpoint"],
            served["region"],
            served["environment"],
            server.pid,
            served["secret"],
        )
    finally:
        server.end(limit(15))
