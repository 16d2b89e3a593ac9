"""What the demo's containers write: the text of log lines, by format.

Every line is a function of its time and of one number, so that it can be written again whenever it
is asked for; nothing is kept.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import lru_cache

from ecs_tui.record import dataclass

_MASK = (1 << 64) - 1
LEVELS = ("debug", "info", "warn", "error")
_PINO = {"debug": 20, "info": 30, "warn": 40, "error": 50}
_PATHS = ("/", "/cart", "/products/{}", "/search?q={}", "/checkout", "/api/v2/orders/{}",
          "/api/v2/customers/{}/addresses", "/static/app.{}.js")  # fmt: skip
_METHODS = ("GET", "GET", "GET", "GET", "POST", "PUT")
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64)",
    "okhttp/4.12.0",
    "curl/8.5.0",
    "ELB-HealthChecker/2.0",
)
_PROVIDERS = ("adyen", "stripe", "paypal")
_COLOURS = {"debug": "\x1b[2mDEBUG\x1b[0m", "info": "\x1b[32mINFO\x1b[0m ",
            "warn": "\x1b[33mWARN\x1b[0m ", "error": "\x1b[1;31mERROR\x1b[0m"}  # fmt: skip
JAVA_TRACE = (
    "java.lang.IllegalStateException: no stock for SKU {0}",
    "\tat com.example.shop.stock.StockService.reserve(StockService.java:118)",
    "\tat com.example.shop.orders.OrderService.place(OrderService.java:64)",
    "\tat com.example.shop.orders.OrderController.create(OrderController.java:41)",
    "\tat java.base/java.lang.Thread.run(Thread.java:1583)",
    "Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not "
    "available, request timed out after 30000ms.",
    "\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686)",
    "\t... 3 more",
)
PYTHON_TRACE = (
    "Traceback (most recent call last):",
    '  File "/app/jobs.py", line 87, in run',
    "    rows = fetch(job.query, timeout=30)",
    '  File "/app/warehouse.py", line 31, in fetch',
    "    return connection.execute(query)",
    "TimeoutError: query {0} exceeded 30 s",
)
OUT_OF_MEMORY = (
    "java.lang.OutOfMemoryError: Java heap space",
    "\tat java.base/java.util.Arrays.copyOf(Arrays.java:3541)",
    "\tat com.example.worker.ImageResizer.resize(ImageResizer.java:92)",
    "\tat com.example.worker.Worker.run(Worker.java:57)",
)


def mix(value: int) -> int:
    """A well-spread 64-bit number from any number (the finalizer of SplitMix64)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


@dataclass(frozen=True, slots=True)
class Program:
    """The program in a container, as it names itself in its lines."""

    service: str
    container: str
    task_id: str
    version: str
    port: int


Say = Callable[[Program, int, str, str], str]
"""One line: program, time in milliseconds since 1970, level, text."""
Work = Callable[[Program, int, int], tuple[str, ...]]
"""The lines of one piece of work: program, time in milliseconds, and the number that decides."""


@dataclass(frozen=True, slots=True)
class LogFormat:
    """How a program writes.

    Attributes:
        say: Writes single sentences; None if it writes none.
        work: Writes the lines of its work.
        joins: Whether the log driver makes one event of the lines that belong together.
    """

    say: Say | None
    work: Work
    joins: bool = False


def joined(form: LogFormat) -> LogFormat:
    """The format with multiline events: a stack trace and the line before it are one event."""

    def work(program: Program, at: int, number: int) -> tuple[str, ...]:
        return ("\n".join(form.work(program, at, number)),)

    return LogFormat(form.say, work, joins=True)


@lru_cache(maxsize=64)
def _clock(second: int, form: str) -> str:
    return time.strftime(form, time.gmtime(second))


def iso(at: int) -> str:
    """`2026-11-29T08:36:06.123Z`."""
    return f"{_clock(at // 1000, '%Y-%m-%dT%H:%M:%S')}.{at % 1000:03}Z"


def _comma(at: int) -> str:
    return f"{_clock(at // 1000, '%Y-%m-%d %H:%M:%S')},{at % 1000:03}"


def _level(number: int) -> str:
    part = number % 1000
    return "error" if part < 8 else "warn" if part < 50 else "debug" if part < 150 else "info"


def _request(number: int) -> tuple[str, str, int, int]:
    """(method, path, status, milliseconds)."""
    path = _PATHS[(number >> 10) % len(_PATHS)].format((number >> 14) % 90000 + 10000)
    level = _level(number)
    status = 503 if level == "error" else 404 if level == "warn" else 200
    slow = 3000 if level == "error" else 40
    return _METHODS[(number >> 30) % len(_METHODS)], path, status, (number >> 34) % slow + 2


def _trace_id(number: int) -> str:
    return f"{number:016x}"


# -- JSON


def _json_say(program: Program, at: int, level: str, text: str) -> str:
    return (
        f'{{"time":"{iso(at)}","level":"{level}","service":"{program.service}",'
        f'"version":"{program.version}","msg":{json.dumps(text)}}}'
    )


def _json_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    method, path, status, took = _request(number)
    more = ',"error":"upstream connect error: connection refused"' if status == 503 else ""
    return (
        f'{{"time":"{iso(at)}","level":"{_level(number)}","service":"{program.service}",'
        f'"msg":"{method} {path}","status":{status},"duration_ms":{took},'
        f'"trace_id":"{_trace_id(number)}"{more}}}',
    )


def _pino_say(program: Program, at: int, level: str, text: str) -> str:
    return (
        f'{{"level":{_PINO[level]},"time":{at},"pid":1,"hostname":"{program.task_id[:12]}",'
        f'"msg":{json.dumps(text)}}}'
    )


def _pino_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    method, path, status, took = _request(number)
    return (
        f'{{"level":{_PINO[_level(number)]},"time":{at},"pid":1,'
        f'"hostname":"{program.task_id[:12]}","req":{{"id":{number % 100000},"method":"{method}",'
        f'"url":"{path}"}},"res":{{"statusCode":{status}}},"responseTime":{took},'
        '"msg":"request completed"}',
    )


# -- logfmt


def _logfmt_say(program: Program, at: int, level: str, text: str) -> str:
    return f"time={iso(at)} level={level} msg={json.dumps(text)} version={program.version}"


def _logfmt_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    level = _level(number)
    text = {"error": "charge failed", "warn": "charge retried"}.get(level, "charge authorized")
    more = ' err="provider timeout: context deadline exceeded"' if level == "error" else ""
    return (
        f'time={iso(at)} level={level} msg="{text}" '
        f"payment=pay_{number & 0xFFFFFFFF:08x} amount={(number >> 20) % 20000 / 100:.2f} "
        f"currency=EUR provider={_PROVIDERS[(number >> 36) % 3]} "
        f"duration={(number >> 40) % 400 + 20}ms trace={_trace_id(number)}{more}",
    )


# -- plain text


def _java_say(program: Program, at: int, level: str, text: str) -> str:
    return f"{_comma(at)} {level.upper():<5} [main] c.e.{program.service}.Application - {text}"


def _java_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    level = _level(number)
    order = f"{(number >> 12) & 0xFFFFFF:06x}"
    head = (
        f"{_comma(at)} {level.upper():<5} [http-nio-{program.port}-exec-{(number >> 40) % 16 + 1}] "
        f"c.e.{program.service}.OrderController - "
    )
    if level == "error":
        sku = f"A-{(number >> 20) % 9000 + 1000}"
        return (f"{head}Order {order} failed", *(line.format(sku) for line in JAVA_TRACE))
    text = "took longer than 2000 ms" if level == "warn" else f"placed in {number % 180 + 5} ms"
    return (f"{head}Order {order} {text}",)


def _python_say(program: Program, at: int, level: str, text: str) -> str:
    name = "WARNING" if level == "warn" else level.upper()
    return f"{_comma(at)} - {program.service} - {name} - {text}"


def _python_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    level, job = _level(number), f"{(number >> 16) % 90000 + 10000}"
    if level == "error":
        head = _python_say(program, at, level, f"job {job} failed")
        return (head, *(line.format(job) for line in PYTHON_TRACE))
    text = f"job {job} retried" if level == "warn" else f"job {job} done, {number % 5000} rows"
    return (_python_say(program, at, level, text),)


def _ansi_say(program: Program, at: int, level: str, text: str) -> str:
    clock = _clock(at // 1000, "%H:%M:%S")
    return f"\x1b[90m{clock}\x1b[0m {_COLOURS[level]} \x1b[1m{program.service}\x1b[0m {text}"


def _ansi_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    level = _level(number)
    product = (number >> 16) % 90000 + 10000
    text = {
        "error": f"\x1b[31mproduct {product}: price service answered 500\x1b[39m",
        "warn": f"product {product}: no translation for \x1b[4mde-AT\x1b[24m",
    }.get(level, f"product {product} indexed \x1b[36min {number % 90 + 1} ms\x1b[0m")
    return (_ansi_say(program, at, level, text),)


def _access_say(program: Program, at: int, level: str, text: str) -> str:
    clock = _clock(at // 1000, "%Y-%m-%d %H:%M:%S")
    return f"[{clock}.{at % 1000:03}][1][{level}][main] {text}"


def _access_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    method, path, status, took = _request(number)
    flag = "UF" if status == 503 else "-"
    return (
        f'[{iso(at)}] "{method} {path} HTTP/1.1" {status} {flag} 0 {(number >> 24) % 9000 + 200} '
        f'{took} {max(1, took - 1)} "10.0.{(number >> 50) % 4}.{(number >> 52) % 250 + 1}" '
        f'"{_AGENTS[(number >> 44) % 4]}" "{_trace_id(number)}" "127.0.0.1:8080"',
    )


def _bare_say(program: Program, at: int, level: str, text: str) -> str:
    return text


def _bare_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    method, path, status, took = _request(number)
    return (f"{method} {path} -> {status} ({took} ms)",)


def _hostile_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    """What a container must not be able to do to whoever reads its log."""
    choice = number % len(_HOSTILE) if number % 97 else -1
    if choice < 0:
        return ("x" * 250_000,)
    return (_HOSTILE[choice].format(number >> 40),)


_HOSTILE = (
    "plain line {0}",
    "\x1b[2J\x1b[Hscreen cleared {0}",
    "\x1b]0;title {0}\x07\x1b]52;c;cm0gLXJmIC8=\x07 wants title and clipboard",
    "[bold red]markup {0}[/bold red] [link=https://evil.example]here[/link] [/]",
    "nul \x00 bell \x07 backspace \x08\x08\x08 {0}",
    "left-to-right override \u202egnp.exe {0} zero\u200bwidth",
    "",
    "carriage return {0}\rERROR was never here",
    "\x9b31m eight-bit CSI {0} \x90q\x9c",
    "tabs\t\tand   spaces {0}   ",
    "漢字かな交じり文 🦀 e\u0301 {0}",
    "\x1b[?1049h\x1b[?1000h modes {0}",
)


def _insights_work(program: Program, at: int, number: int) -> tuple[str, ...]:
    """A performance event of Container Insights, in the embedded metric format.

    The program's container stands for the cluster.
    """
    return (
        json.dumps(
            {
                "Version": "0",
                "Type": "Task",
                "TaskId": program.task_id,
                "ServiceName": program.service,
                "ClusterName": program.container,
                "Timestamp": at,
                "CpuUtilized": (number >> 8) % 20000 / 100,
                "CpuReserved": 512.0,
                "MemoryUtilized": (number >> 24) % 900 + 100,
                "MemoryReserved": 1024,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "ECS/ContainerInsights",
                        "Metrics": [{"Name": "CpuUtilized", "Unit": "None"}],
                        "Dimensions": [["ClusterName"], ["ClusterName", "ServiceName"]],
                    }
                ],
            },
            separators=(",", ":"),
        ),
    )


FORMATS: dict[str, LogFormat] = {
    "json": LogFormat(_json_say, _json_work),
    "pino": LogFormat(_pino_say, _pino_work),
    "logfmt": LogFormat(_logfmt_say, _logfmt_work),
    "java": LogFormat(_java_say, _java_work),
    "python": LogFormat(_python_say, _python_work),
    "ansi": LogFormat(_ansi_say, _ansi_work),
    "access": LogFormat(_access_say, _access_work),
    "bare": LogFormat(_bare_say, _bare_work),
    "hostile": LogFormat(_bare_say, _hostile_work),
    "insights": LogFormat(None, _insights_work),
}
"""The formats by name."""
