"""Odd shapes of accounts: seconds to the first row and to all facts, calls, and memory.

Each shape is served by a stub in a process of its own and shown by the dashboard in another.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from tests.support.odd_aws import OddAccount, container, target_group
from tests.support.stub_aws import StubAws

Steps = list[str]


def one_service(odd: OddAccount) -> tuple[Steps, int]:
    """One service with all 5,000 tasks."""
    odd.service("big", 5000)
    for _ in range(5000):
        odd.task("big")
    return ["enter", "enter"], 5000


def whole_cluster(odd: OddAccount) -> tuple[Steps, int]:
    """5,000 tasks of 500 services, in the list of all tasks."""
    for number in range(500):
        odd.service(f"s{number:03}", 10)
        for _ in range(10):
            odd.task(f"s{number:03}")
    return ["N"], 5000


def standalone(odd: OddAccount) -> tuple[Steps, int]:
    """1,000 tasks of scheduled rules, no service."""
    for number in range(1000):
        odd.task(startedBy=f"events-rule/rule-{number % 40}", group=f"family:job-{number % 40}")
    return ["N"], 1000


def target_groups(odd: OddAccount) -> tuple[Steps, int]:
    """300 services, each with a target group and a task that drains."""
    began = time.time() - 5
    for number in range(300):
        name = f"s{number:03}"
        odd.service(name, loadBalancers=[{"targetGroupArn": target_group(number)}])
        odd.definition(name)
        odd.task(name, desiredStatus="STOPPED", lastStatus="DEACTIVATING", stoppingAt=began)
    return ["N"], 300


def many_containers(odd: OddAccount) -> tuple[Steps, int]:
    """500 tasks of 10 containers with two managed agents each."""
    odd.service("many", 500)
    agents = [{"name": n, "lastStatus": "RUNNING"} for n in ("ExecuteCommandAgent", "Other")]
    for _ in range(500):
        task = odd.task("many")
        arn = task["taskArn"]
        task["containers"] = [container(arn, f"c{n}", managedAgents=agents) for n in range(10)]
    return ["enter", "enter"], 500


def long_names_and_tags(odd: OddAccount) -> tuple[Steps, int]:
    """500 services with names of 255 characters and 50 tags of 128 and 256."""
    for number in range(500):
        tags = [{"key": f"{n:03}" + "k" * 125, "value": "v" * 256} for n in range(50)]
        odd.service(f"{number:03}" + "n" * 252, tags=tags)
    return ["enter"], 500


def names_used_again(odd: OddAccount) -> tuple[Steps, int]:
    """500 services whose names deleted services had: each is described with the deleted one."""
    for number in range(500):
        odd.service(f"s{number:03}", 0, status="INACTIVE", createdAt=time.time() - 10**7)
        odd.service(f"s{number:03}")
    return ["enter"], 500


def definitions_being_deleted(odd: OddAccount) -> tuple[Steps, int]:
    """1,000 tasks of 50 services whose task definitions are DELETE_IN_PROGRESS."""
    for number in range(50):
        name = f"s{number:03}"
        odd.service(name, 20)
        odd.definition(name, status="DELETE_IN_PROGRESS")
        for _ in range(20):
            odd.task(name)
    return ["N"], 1000


def cluster_states(odd: OddAccount) -> tuple[Steps, int]:
    """500 clusters, four in five of them INACTIVE, PROVISIONING, DEPROVISIONING or FAILED."""
    states = ("ACTIVE", "INACTIVE", "PROVISIONING", "DEPROVISIONING", "FAILED")
    for number in range(499):
        odd.cluster(f"c{number:03}", states[number % 5])
    return [], 500


SHAPES: dict[str, Callable[[OddAccount], tuple[Steps, int]]] = {
    each.__name__: each
    for each in (
        one_service, whole_cluster, standalone, target_groups, many_containers,
        long_names_and_tags, names_used_again, definitions_being_deleted, cluster_states,
    )
}  # fmt: skip


def serve(shape: str) -> None:
    """Serve a shape until the parent ends; its endpoint and what to press go to stdout."""
    odd = OddAccount()
    odd.cluster()
    steps, count = SHAPES[shape](odd)
    stub = StubAws()
    odd.serve(stub)
    print(json.dumps([stub.endpoint, steps, count]), flush=True)
    for _ in sys.stdin:
        print(json.dumps(dict(stub.calls)), flush=True)


async def look(endpoint: str, steps: Steps, count: int) -> dict[str, float]:
    """Seconds and MB of the dashboard."""
    from textual.events import Key

    from ecs_tui.aws.account import Account, Credentials
    from tests.support.app import names, running_app
    from tests.support.limits import until

    started = time.perf_counter()
    account = Account(None, "us-east-1", endpoint, credentials=Credentials("AKIA", "secret"))
    async with running_app(account, (140, 43), refresh=600, cache=False) as (app, _):
        table = app.browser.table
        await until(lambda: "stub" in names(app), "clusters")
        first = time.perf_counter() - started  # of a shape that is the list of clusters itself
        if steps:
            await asyncio.sleep(1)
        before = resident()
        for step in steps:
            old = app.browser.place
            started = time.perf_counter()
            await app.browser.on_key(Key(step, "\r" if step == "enter" else step))
            await until(lambda old=old: app.browser.place != old and table.rows, "rows", 60)
        if steps:
            first = time.perf_counter() - started

        def whole() -> bool:
            rows = table.rows
            return len(rows) == count and all(getattr(r, "service", r).described for r in rows
                                              if not isinstance(getattr(r, "service", r), str))  # fmt: skip

        await until(whole, "all facts", 240)
        all_of_it = time.perf_counter() - started
        await asyncio.sleep(2)
        return {"first": first, "all": all_of_it, "before": before, "resident": resident()}


def resident() -> float:
    """MB of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def measured(shape: str) -> dict[str, Any]:
    """One shape, its server in another process."""
    argv = [sys.executable, "-m", "benchmarks.shapes", "--serve", shape]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdin and server.stdout
        endpoint, steps, count = json.loads(server.stdout.readline())
        found: dict[str, Any] = asyncio.run(look(endpoint, steps, count))
        server.stdin.write("calls\n")
        server.stdin.flush()
        found["calls"] = json.loads(server.stdout.readline())
        server.stdin.close()
    return found


def main() -> None:
    """Measure each shape in a process of its own and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", choices=SHAPES)
    parser.add_argument("--one", choices=SHAPES)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    if given.one:
        print(json.dumps(measured(given.one)))
        return
    print("| shape | first row s | all facts s | calls | resident MB (before) |")
    print("|---|---|---|---|---|")
    for name, shape in SHAPES.items():
        with tempfile.TemporaryDirectory() as cache:
            argv = [sys.executable, "-m", "benchmarks.shapes", "--one", name]
            env = {**os.environ, "XDG_CACHE_HOME": cache, "XDG_STATE_HOME": cache}
            run = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        if run.returncode:
            print(f"| {name} | {run.stderr.strip().splitlines()[-1]} |")
            continue
        found = json.loads(run.stdout)
        calls = sum(found["calls"].values())
        words = (shape.__doc__ or "").rstrip(".")
        seconds = f"{found['first']:.2f} | {found['all']:.1f}"
        print(
            f"| {words} | {seconds} | {calls} | {found['resident']:.0f} ({found['before']:.0f}) |"
        )


if __name__ == "__main__":
    main()
