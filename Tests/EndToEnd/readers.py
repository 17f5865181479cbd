"""Readers of a crowd: each on one of the ways in which a desk tells what happens, cut at random and back soon. Over plain sockets, all in
one process, so that a thousand are no load."""

import asyncio
import base64
import json
import os
import random
import re

from streams import frame

SEQ = re.compile(rb'"seq":(\d+)')
CUT = (asyncio.IncompleteReadError, ConnectionError)
SEPARATOR = b"\x1e"


class Reader:
    """Is cut at random, and comes back. What it learns is kept by the kinds below."""

    def __init__(self, crowd, number, token, tickets=(), is_staff=True, patience=(5, 60)):
        self.crowd, self.number, self.token = crowd, number, token
        self.tickets, self.is_staff, self.patience = list(tickets), is_staff, patience
        self.chance = random.Random(number)
        self.cuts, self.fault = 0, None

    async def run(self):
        try:
            while True:
                await self.once()
                self.cuts += 1
                await asyncio.sleep(self.chance.uniform(0, 0.3))
        except Exception as fault:  # Told by the test, with all others.
            self.fault = fault
            raise

    async def connect(self, node):
        address = (f"127.0.1.{self.number // 250 + 1}", 0)
        return await asyncio.open_connection(node.host, node.port, local_addr=address, limit=1 << 20)

    async def once(self):
        """Until it is cut, by itself or by the server."""
        reader, writer = await self.connect(self.chance.choice(self.crowd.nodes))
        try:
            await self.read(reader, writer, self.chance.randint(*self.patience))
        except CUT:
            pass
        finally:
            writer.transport.abort()

    async def shake_hands(self, reader, writer, path):
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET {path} HTTP/1.1\r\nhost: martlet\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head

    async def frames(self, reader, writer):
        """Opcode and content of each frame, until the server closes; pings are answered."""
        while True:
            first, length = await reader.readexactly(2)
            if length >= 126:
                width = 2 if length == 126 else 8
                length = int.from_bytes(await reader.readexactly(width), "big")
            content = await reader.readexactly(length)
            if first & 15 == 8:
                return
            if first & 15 == 9:
                writer.write(frame(10, content))
            else:
                yield first & 15, content


class Resuming(Reader):
    """Where the way has places: it keeps the numbers that it was told, and goes on from the last."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.seqs = []

    @property
    def last(self):
        return self.seqs[-1] if self.seqs else self.crowd.start

    def told(self, data):
        self.seqs.append(int(SEQ.search(data)[1]))
        assert self.is_staff or b'"comment_type":"private"' not in data, data

    def expected(self, rows):
        return [row.seq for row in rows if (not self.tickets or row.ticket in self.tickets) and (self.is_staff or not row.is_private)]

    def has_reached(self, wanted, _):
        return not wanted or self.last >= wanted[-1]

    async def settle(self):
        pass


class StreamReader(Resuming):
    async def read(self, reader, writer, most):
        most += len(self.seqs)
        writer.write(
            f"GET /events/stream HTTP/1.1\r\nhost: martlet\r\nauthorization: Bearer {self.token}\r\nlast-event-id: {self.last}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        while len(self.seqs) < most:
            event = await reader.readuntil(b"\n\n")
            if event.startswith(b"id: "):
                self.told(event)


class SocketReader(Resuming):
    async def read(self, reader, writer, most):
        most += len(self.seqs)
        await self.shake_hands(reader, writer, f"/ws?token={self.token}")
        # All in one frame: what came between a subscription and the resuming would be told twice.
        writer.write(frame(1, json.dumps({"type": "resume", "after": self.last, "tickets": self.tickets}).encode()))
        async for _, content in self.frames(reader, writer):
            if content.startswith(b'{"type":"event"'):
                self.told(content)
            else:
                assert not content.startswith(b'{"type":"error"'), content
            if len(self.seqs) >= most:
                return


class Talk:
    """What a reader knows of one ticket, where its way has no places: what it fetched from the log, and what it has heard since."""

    def __init__(self):
        self.seqs, self.words, self.heard, self.begun = [], [], [], None

    def fetched(self, rows):
        self.seqs += [row["seq"] for row in rows]
        self.words += [row["data"]["content"] for row in rows]

    def begin(self):
        """The connection stands, and all that was before has been fetched: what is not known yet is heard from here on."""
        self.begun = len(self.words)

    def end(self):
        """The connection was cut, and what it told has been fetched. It must have told all from its beginning to some point, once and
        in order; perhaps also some of what had been fetched."""
        (heard, self.heard), (begun, self.begun) = (self.heard, []), (self.begun, None)
        if not heard:
            return
        assert heard[0] in self.words, f"heard what is not in the log: {heard[0]}"
        start = self.words.index(heard[0])
        assert begun is None or start <= begun, f"missed {self.words[begun:start]}"
        assert heard == self.words[start:start + len(heard)], (heard, self.words[start:start + len(heard)])


class Fetching(Reader):
    """Where the way has none: it hears messages while it is connected, and fetches the others from the log."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.talks = {ticket: Talk() for ticket in self.tickets}
        self.heard = 0

    @property
    def seqs(self):
        return sorted(seq for talk in self.talks.values() for seq in talk.seqs)

    def told(self, message):
        self.talks[message["ticket_id"]].heard.append(message["content"])
        self.heard += 1
        if self.heard >= self.most:
            self.enough.set()

    def expected(self, rows):
        return [row.seq for row in rows if row.ticket in self.talks and row.type == "comment.created" and not row.is_private]

    def has_reached(self, wanted, seq_of):
        heard = {seq_of.get(words) for talk in self.talks.values() for words in talk.heard}
        return heard.union(self.seqs).issuperset(wanted)

    async def fetch(self):
        connection = await self.connect(self.chance.choice(self.crowd.nodes))
        try:
            for ticket, talk in self.talks.items():
                place, page = talk.seqs[-1] if talk.seqs else self.crowd.start, {"next": True}
                while page["next"]:
                    path = f"/tickets/{ticket}/events?limit=100&types=comment.created&after={place}"
                    page = await self.crowd.request(connection, self.token, "GET", path)
                    talk.fetched([row for row in page["items"] if row["data"]["comment_type"] == "public"])
                    place = page["items"][-1]["seq"] if page["items"] else place
        finally:
            connection[1].transport.abort()

    async def once(self):
        await super().once()
        await self.settle()

    async def settle(self):
        """Fetches what was told, and compares."""
        await self.fetch()
        for talk in self.talks.values():
            talk.end()

    async def read(self, reader, writer, most):
        self.most, self.enough, self.confirmed = self.heard + most, asyncio.Event(), asyncio.Event()
        hearing = asyncio.create_task(self.hear(reader, writer))
        try:
            # Who is there has a seat: from now on nothing is missed.
            if await self.comes_first(self.confirmed, hearing):
                await self.fetch()
                for talk in self.talks.values():
                    talk.begin()
                await self.comes_first(self.enough, hearing)
            if hearing.done():
                hearing.result()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    @staticmethod
    async def comes_first(event, task):
        """Whether it happens before the task ends."""
        waiting = asyncio.create_task(event.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return event.is_set()


class ChatReader(Fetching):
    """The CSR dialect's socket. A ping behind the handshake is answered once it listens."""

    async def hear(self, reader, writer):
        await self.shake_hands(reader, writer, f"/ws/tickets/{self.tickets[0]}?token={self.token}")
        writer.write(frame(9, b"here?"))
        async for opcode, content in self.frames(reader, writer):
            if opcode == 10:
                self.confirmed.set()
            else:
                self.told(json.loads(content))


class LiveReader(Fetching):
    """Socket.IO over a WebSocket."""

    async def hear(self, reader, writer):
        await self.shake_hands(reader, writer, "/socket.io/?EIO=4&transport=websocket")
        async for _, content in self.frames(reader, writer):
            if answer := self.packet(content):
                writer.write(frame(1, answer))

    def packet(self, packet):
        """Heeds a packet; gives what to answer."""
        if packet.startswith(b"0"):
            return b"40" + json.dumps({"token": self.token}).encode()
        if packet == b"2":
            return b"3"
        if packet.startswith(b"42"):
            name, data = json.loads(packet[2:])
            assert name in ("authorized", "message"), packet
            if name == "message":
                self.told(data)
            else:
                self.confirmed.set()
        return None


class PollingReader(LiveReader):
    """Socket.IO over long polling."""

    async def hear(self, reader, writer):
        path = "/socket.io/?EIO=4&transport=polling"
        opening = await self.ask(reader, writer, "GET", path)
        path += f"&sid={json.loads(opening[1:])['sid']}"
        packets = [opening]
        while True:
            if answers := [answer for answer in map(self.packet, packets) if answer]:
                assert await self.ask(reader, writer, "POST", path, SEPARATOR.join(answers)) == b"ok"
            packets = (await self.ask(reader, writer, "GET", path)).split(SEPARATOR)

    @staticmethod
    async def ask(reader, writer, method, path, body=b""):
        writer.write(f"{method} {path} HTTP/1.1\r\nhost: martlet\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
        assert head.startswith(b"HTTP/1.1 200 "), (head, answer)
        return answer
