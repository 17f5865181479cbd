"""What strangers and customers do to stop the desk. Each attack is a coroutine that does it once from one address and comes back within
some seconds; `attackers.py` repeats it. What the server answers does not matter here: that others do not notice is looked at elsewhere."""

import asyncio
import base64
import json
import os
import random
import socket
import struct
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from files import BOUNDARY, FORM, part  # noqa: E402
from streams import frame  # noqa: E402

ATTACKS = []
TEXT, PING = 1, 9


def attack(function):
    ATTACKS.append(function)
    return function


def marks(count):
    """Combining marks out of their order: to compare two such texts by their meaning takes time that grows with the square."""
    return "a" + "\u0301" * (count // 2) + "\u0323" * (count // 2)


class Attacker:
    """One address of this machine, and the customer who signed in from there."""

    def __init__(self, host, port, address, token, ticket):
        self.host, self.port, self.address, self.token, self.ticket = host, port, address, token, ticket

    async def connect(self, receive_buffer=None):
        connection = socket.socket()
        connection.setblocking(False)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.bind((self.address, 0))
        await asyncio.get_running_loop().sock_connect(connection, (self.host, self.port))
        reader, writer = await asyncio.open_connection(sock=connection, limit=65_536)
        return Link(reader, writer)

    @property
    def credential(self):
        return {"authorization": f"Bearer {self.token}"}

    async def ask(self, method, path, body=None, **fields):
        """The status of one answer, over a connection of its own."""
        link = await self.connect()
        try:
            await link.send(head(method, path, body, **fields) + encoded(body))
            return await link.status()
        finally:
            link.end()

    async def websocket(self, path, **fields):
        link = await self.connect()
        key = base64.b64encode(os.urandom(16)).decode()
        await link.send(head("GET", path, **(fields | {
            "upgrade": "websocket", "connection": "upgrade", "sec_websocket_version": "13", "sec_websocket_key": key})))
        await link.status()
        return link


class Link:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, content, seconds=5):
        self.writer.write(content)
        await asyncio.wait_for(self.writer.drain(), seconds)

    async def status(self, seconds=5):
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), seconds)
        return int(head.split(b" ", 2)[1])

    def end(self):
        """At once, and without waiting for the server."""
        self.writer.transport.abort()


def encoded(body):
    if body is None or isinstance(body, bytes):
        return body or b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def head(method, path, body=None, **fields):
    lines = [f"{method} {path} HTTP/1.1".encode(), b"host: desk"]
    if body is not None:
        fields.setdefault("content_type", "application/json")
        fields.setdefault("content_length", str(len(encoded(body))))
    for name, value in fields.items():
        lines.append(name.replace("_", "-").encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def hold(attacker, count, content, seconds, receive_buffer=None):
    """Opens that many connections, says the same on each, and holds them silently."""
    links = []
    try:
        for _ in range(count):
            links.append(await attacker.connect(receive_buffer))
            await links[-1].send(content)
        await asyncio.sleep(seconds)
    finally:
        for link in links:
            link.end()


# Time


@attack
async def field_named_with_marks(attacker):
    await attacker.ask("POST", "/auth/login", '{"\\u0065' + marks(30_000) + '":1}')


@attack
async def token_of_marks(attacker):
    claims = base64.urlsafe_b64encode(json.dumps({marks(2_600): 1, "alg": "HS256"}, ensure_ascii=False).encode()).decode().rstrip("=")
    await attacker.ask("GET", "/tickets", authorization=f"Bearer {claims}.e30.AAAA")


@attack
async def word_of_marks(attacker):
    await attacker.ask("POST", "/tickets", {"title": "t", "description": "d", "priority": marks(12_000)}, **attacker.credential)


@attack
async def tag_of_marks(attacker):
    await attacker.ask("PATCH", f"/tickets/{attacker.ticket}", {"tags": [marks(12_000)], "title": marks(20_000)}, **attacker.credential)


@attack
async def condition_of_marks(attacker):
    await attacker.ask("PATCH", f"/tickets/{attacker.ticket}", {}, if_match=marks(7_000).encode(), **attacker.credential)


@attack
async def socket_event_of_marks(attacker):
    link = await attacker.websocket("/socket.io/?EIO=4&transport=websocket")
    try:
        await link.send(frame(TEXT, ('40{"' + marks(60_000) + '":1}').encode()))
        await link.send(frame(TEXT, ('42["' + marks(60_000) + '"]').encode()))
        await asyncio.sleep(1)
    finally:
        link.end()


@attack
async def frames_of_marks(attacker):
    link = await attacker.websocket("/ws")
    try:
        for _ in range(20):
            await link.send(frame(TEXT, ('{"type":"' + marks(7_500) + '"}').encode()))
            await asyncio.sleep(0.1)
    finally:
        link.end()


@attack
async def faults_without_end(attacker):
    await attacker.ask("POST", "/auth/login", "{" + ",".join(f'"f{number}":1' for number in range(20_000)) + "}")
    await attacker.ask("POST", "/auth/login", "[" * 16_000)
    await attacker.ask("POST", "/auth/login", '"' + "\\u0041" * 2_500 + '"')


@attack
async def numbers_beyond_all_bounds(attacker):
    for number in (2**63 - 1, 2**63 - 2, -2**63, 2**53, 10**30):
        await attacker.ask("GET", f"/events?after={number}", **attacker.credential)
        await attacker.ask("GET", f"/tickets/{number}", **attacker.credential)
        await attacker.ask("GET", f"/tickets?limit={number}&offset={number}", **attacker.credential)
    for text in (b"\xff" * 40, struct.pack("<qq", 2**63 - 1, -2**63) * 4):
        cursor = base64.urlsafe_b64encode(text).decode().rstrip("=")
        await attacker.ask("GET", f"/events?cursor={cursor}", **attacker.credential)
        await attacker.ask("GET", f"/tickets?cursor={cursor}", **attacker.credential)


@attack
async def markdown_without_end(attacker):
    text = random.choice(["[" * 20_000, "*a_ " * 10_000, "> " * 15_000, "<a href=" * 6_000, "`" * 30_000, "|a" * 15_000 + "\n" + "|-" * 15_000])
    await attacker.ask("POST", f"/tickets/{attacker.ticket}/comments", {"content": text}, **attacker.credential)
    await attacker.ask("GET", f"/tickets/{attacker.ticket}/comments?include=html&limit=20", **attacker.credential)


@attack
async def searches_for_everything(attacker):
    for query in ("printer", "it burns", "a b c d e f g h i j k l m", '"it burns" -printer', "b*"):
        await attacker.ask("GET", "/search?query=" + query.replace(" ", "+").replace('"', "%22"), **attacker.credential)


@attack
async def scans_of_the_log(attacker):
    await asyncio.gather(*(attacker.ask("GET", "/events?after=1&limit=100", **attacker.credential) for _ in range(10)))
    await asyncio.sleep(0.5)


@attack
async def passwords_to_hash(attacker):
    body = {"email": f"{uuid.uuid4().hex}@example.com", "password": "correct horse battery"}
    await asyncio.gather(*(attacker.ask("POST", "/auth/login", body) for _ in range(30)), return_exceptions=True)


# Memory


async def pings_without_reading(attacker, path):
    """A byte is read now and then, so that the connection never seems dead."""
    link = await attacker.websocket(path)
    pings = frame(PING, b"p" * 125) * 500
    try:
        for _ in range(40):
            await link.send(pings)
            await asyncio.wait_for(link.reader.read(1), 2)
    finally:
        link.end()


@attack
async def pings_to_socketio(attacker):
    await pings_without_reading(attacker, "/socket.io/?EIO=4&transport=websocket")


@attack
async def pings_to_the_desk(attacker):
    await pings_without_reading(attacker, "/ws")


@attack
async def fat_credentials_of_sockets(attacker):
    links = []
    body = frame(TEXT, ('40{"a":[' + ",".join(["[1]"] * 240_000) + "]}").encode())
    try:
        for _ in range(4):
            links.append(await attacker.websocket("/socket.io/?EIO=4&transport=websocket"))
            await links[-1].send(body)
        await asyncio.sleep(5)
    finally:
        for link in links:
            link.end()


async def polling_session(attacker):
    link = await attacker.connect()
    try:
        await link.send(head("GET", "/socket.io/?EIO=4&transport=polling"))
        if await link.status() != 200:
            return None
        opened = await asyncio.wait_for(link.reader.readuntil(b"}"), 5)
        return json.loads(opened[opened.index(b"{"):])["sid"]
    finally:
        link.end()


@attack
async def sessions_that_nobody_polls(attacker):
    for _ in range(10):
        if sid := await polling_session(attacker):
            await attacker.ask("POST", f"/socket.io/?EIO=4&transport=polling&sid={sid}", b"\x1e".join([b"40/a"] * 9_000), content_type="text/plain")


@attack
async def sessions_opened_and_left(attacker):
    for _ in range(40):
        link = await attacker.connect()
        await link.send(head("GET", "/socket.io/?EIO=4&transport=polling&q=" + "q" * 7_000, user_agent="u" * 7_000, authorization="a" * 7_000))
        link.end()


@attack
async def bodies_that_never_end(attacker):
    body = b'{"email":"' + b"x" * 1_048_000
    content = head("POST", "/auth/login", content_type="application/json", content_length=str(len(body) + 2)) + body
    await hold(attacker, 8, content, 8)


@attack
async def small_bodies_that_never_end(attacker):
    content = head("POST", "/auth/login", content_type="application/json", content_length="16000") + b'{"email":"' + b"x" * 15_900
    await hold(attacker, 40, content, 8)


@attack
async def answers_that_nobody_reads(attacker):
    await hold(attacker, 3, head("GET", "/openapi.json") * 20, 8, receive_buffer=4096)


@attack
async def conversations_that_nobody_reads(attacker):
    for _ in range(10):
        await attacker.ask("POST", f"/tickets/{attacker.ticket}/comments", {"content": "w" * 60_000}, **attacker.credential)
    lists = [f"/api/v1/tickets/{attacker.ticket}/messages", f"/tickets/{attacker.ticket}/comments?limit=100",
             f"/tickets/{attacker.ticket}?include=comments,history,html", "/events?limit=100"]
    for path in lists:
        await hold(attacker, 2, head("GET", path, **attacker.credential) * 5, 2, receive_buffer=4096)


@attack
async def streams_that_nobody_reads(attacker):
    await hold(attacker, 6, head("GET", "/events/stream?after=1", **attacker.credential), 6, receive_buffer=4096)


@attack
async def silent_connections(attacker):
    await hold(attacker, 100, b"", 5)


@attack
async def heads_byte_by_byte(attacker):
    link = await attacker.connect()
    try:
        for byte in head("GET", "/health", x_filler="f" * 40):
            await link.send(bytes([byte]))
            await asyncio.sleep(0.1)
    finally:
        link.end()


# Disk


@attack
async def edits_of_a_long_comment(attacker):
    link = await attacker.connect()
    body = encoded({"content": "e" * 60_000})
    try:
        await link.send(head("POST", f"/tickets/{attacker.ticket}/comments", body, **attacker.credential) + body)
        if await link.status() != 201:
            return
        answer = await asyncio.wait_for(link.reader.readuntil(b'"id":"'), 5)
        assert answer
        comment = (await asyncio.wait_for(link.reader.readexactly(36), 5)).decode()
    finally:
        link.end()
    for _ in range(10):
        body = {"content": uuid.uuid4().hex + "e" * 60_000}
        await attacker.ask("PATCH", f"/tickets/{attacker.ticket}/comments/{comment}", body, idempotency_key=uuid.uuid4().hex, **attacker.credential)


@attack
async def uploads_that_are_cut(attacker):
    link = await attacker.connect()
    begun = part("file", b"u" * 2_000_000, "u.bin", "application/octet-stream")
    try:
        await link.send(head("POST", "/attachments", content_type=FORM, content_length=str(20_000_000), **attacker.credential) + begun)
        await asyncio.sleep(1)
    finally:
        link.end()


@attack
async def uploads_that_nobody_uses(attacker):
    content = part("file", os.urandom(50_000), "u.bin", "application/octet-stream") + f"--{BOUNDARY}--\r\n".encode()
    for _ in range(5):
        await attacker.ask("POST", "/attachments", content, content_type=FORM, **attacker.credential)


# Protocols


@attack
async def bytes_that_are_no_request(attacker):
    for content in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(500), os.urandom(3_000), b"\r\n" * 5_000,
                    b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nX",
                    b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n", b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 3_000 + b"\r\n"):
        link = await attacker.connect()
        try:
            await link.send(content)
            await asyncio.wait_for(link.reader.read(1_000), 2)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            link.end()


@attack
async def frames_that_are_none(attacker):
    for path in ("/ws", "/socket.io/?EIO=4&transport=websocket"):
        for content in (frame(TEXT, b"\xff\xfe"), frame(3, b"x"), frame(TEXT, b"x", masked=False), frame(TEXT, b"", length=2**63 - 1),
                        frame(PING, b"p" * 126), frame(0, b"x"), frame(8, b"\x00"), os.urandom(200)):
            link = await attacker.websocket(path)
            try:
                await link.send(content)
            finally:
                link.end()


@attack
async def a_chat_that_never_stops(attacker):
    link = await attacker.websocket(f"/ws/tickets/{attacker.ticket}?token={attacker.token}")
    try:
        for number in range(60):
            await link.send(frame(TEXT, json.dumps({"content": f"{number} " + "c" * 200}).encode()))
        await asyncio.sleep(1)
    finally:
        link.end()


@attack
async def credentials_that_are_no_good(attacker):
    for _ in range(40):
        await attacker.ask("GET", "/me", authorization=f"Bearer {uuid.uuid4().hex}")
    link = await attacker.websocket("/ws")
    try:
        for _ in range(40):
            await link.send(frame(TEXT, json.dumps({"type": "authorize", "token": uuid.uuid4().hex * 20}).encode()))
    finally:
        link.end()
