"""An HTTP proxy: `python -m tests.support.proxy HOST=PORT … [--refuse STATUS]`.

It opens tunnels to the named hosts only, each to that port of this machine. It prints one line of
JSON with its port when it is ready, and one for each request.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys


def say(**words: object) -> None:
    """Print a line of JSON."""
    print(json.dumps(words), flush=True)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy bytes until the end, then close the writer."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def main(argv: list[str]) -> None:
    """Serve until stdin ends."""
    refuse = argv[argv.index("--refuse") + 1] if "--refuse" in argv else ""
    ports = dict(pair.split("=") for pair in argv if "=" in pair)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, where, _ = head.split(" ", 2)
        host = where.rpartition(":")[0]
        say(method=method, where=where, auth="proxy-authorization:" in head.lower())
        if refuse or method != "CONNECT" or host not in ports:
            status = refuse or "502"
            writer.write(f"HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", int(ports[host]))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    say(port=server.sockets[0].getsockname()[1])
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
