"""A WebSocket client that others wrote, against the echo server of the tests."""

import asyncio
import os
import pathlib
import subprocess

import pytest
import websockets
from websockets.frames import CloseCode

from martlet import BINARY, die_with_parent

ECHO = pathlib.Path(BINARY).with_name("websocket-echo")

MESSAGES = ["hi", "", "x" * 125, "y" * 126, "z" * 65_535, "z" * 65_536, "ä€𝄞" * 1000, b"", b"\x00\xff" * 10, os.urandom(1_000_000)]


@pytest.fixture(scope="module")
def echo():
    process = subprocess.Popen([ECHO, "0"], stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
    yield process.stdout.readline().removeprefix("listening on ").strip()
    process.terminate()
    assert process.wait(12) == 0


@pytest.mark.parametrize("compression", ["deflate", None])
def test_every_message_comes_back_as_it_was_sent(echo, compression):
    async def talk():
        async with websockets.connect(echo, compression=compression, max_size=None) as socket:
            assert ("permessage-deflate" in socket.response.headers.get("Sec-WebSocket-Extensions", "")) == (compression is not None)
            for message in MESSAGES:
                await socket.send(message)
                assert await socket.recv() == message
        assert socket.close_code == CloseCode.NORMAL_CLOSURE

    asyncio.run(talk())


@pytest.mark.parametrize("compression", ["deflate", None])
def test_many_messages_on_the_way_keep_their_order(echo, compression):
    async def talk():
        async with websockets.connect(echo, compression=compression) as socket:
            for number in range(2000):
                await socket.send(str(number) * 20)
            for number in range(2000):
                assert await socket.recv() == str(number) * 20

    asyncio.run(talk())


def test_fragments_and_pings_between_them(echo):
    async def talk():
        async with websockets.connect(echo) as socket:

            async def parts():
                for number in range(5):
                    yield f"part{number} "
                    await (await socket.ping())

            await socket.send(parts())
            assert await socket.recv() == "part0 part1 part2 part3 part4 "

    asyncio.run(talk())
