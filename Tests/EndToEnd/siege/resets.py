"""A way to PostgreSQL that resets all links every few seconds: `resets.py HOST PORT SECONDS`. It prints the port it listens on. With 0 seconds
it resets none; a line on standard input changes the seconds."""

import asyncio
import contextlib
import socket
import struct
import sys

links = set()


async def pipe(reader, writer):
    with contextlib.suppress(OSError):
        while content := await reader.read(65_536):
            writer.write(content)
            await writer.drain()
    writer.close()


async def accept(host, port, reader, writer):
    try:
        far_reader, far_writer = await asyncio.open_connection(host, port)
    except OSError:
        writer.close()
        return
    pair = (writer, far_writer)
    links.add(pair)
    try:
        await asyncio.gather(pipe(reader, far_writer), pipe(far_reader, writer))
    finally:
        links.discard(pair)


def reset(writer):
    """No orderly end: what was on its way is lost, and the peer's next call fails."""
    if (connection := writer.get_extra_info("socket")) is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def main(host, port, seconds):
    server = await asyncio.start_server(lambda *ends: accept(host, port, *ends), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while True:
        try:
            line = await asyncio.wait_for(lines.readline(), seconds or None)
            if not line:
                return
            seconds = float(line)
        except asyncio.TimeoutError:
            for pair in list(links):
                for writer in pair:
                    reset(writer)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
