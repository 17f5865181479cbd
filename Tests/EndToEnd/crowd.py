"""A crowd of readers that come and go while others write. All of one process, over plain sockets, so that a thousand are no load."""

import asyncio
import base64
import json
import os
import random
import re

from streams import frame

SEQ = re.compile(rb'"seq":(\d+)')


class Reader:
    """Reads one stream or socket, is cut at random, and comes back to where it was. Keeps the numbers of what it was told."""

    def __init__(self, crowd, number, kind, token, tickets=(), is_staff=True, patience=(5, 60)):
        self.crowd, self.number, self.kind, self.token = crowd, number, kind, token
        self.tickets, self.is_staff, self.patience = tickets, is_staff, patience
        self.chance = random.Random(number)
        self.seqs, self.cuts, self.fault = [], 0, None

    @property
    def last(self):
        return self.seqs[-1] if self.seqs else self.crowd.start

    async def run(self):
        try:
            while True:
                await self.once()
                self.cuts += 1
                await asyncio.sleep(self.chance.uniform(0, 0.3))
        except Exception as fault:  # Told by the test, with all others.
            self.fault = fault
            raise

    async def once(self):
        """Until it is cut, by itself or by the server."""
        address = (f"127.0.1.{self.number // 250 + 1}", 0)
        reader, writer = await asyncio.open_connection(self.crowd.host, self.crowd.port, local_addr=address, limit=1 << 20)
        try:
            read = self.socket if self.kind == "socket" else self.stream
            await read(reader, writer, len(self.seqs) + self.chance.randint(*self.patience))
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass
        finally:
            writer.transport.abort()

    def told(self, data):
        self.seqs.append(int(SEQ.search(data)[1]))
        assert self.is_staff or b'"comment_type":"private"' not in data, data

    async def stream(self, reader, writer, most):
        writer.write(
            f"GET /events/stream HTTP/1.1\r\nhost: martlet\r\nauthorization: Bearer {self.token}\r\nlast-event-id: {self.last}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        while len(self.seqs) < most:
            event = await reader.readuntil(b"\n\n")
            if event.startswith(b"id: "):
                self.told(event)

    async def socket(self, reader, writer, most):
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /ws?token={self.token} HTTP/1.1\r\nhost: martlet\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        # All in one frame: what came between a subscription and the resuming would be told twice.
        self.say(writer, {"type": "resume", "after": self.last, "tickets": self.tickets})
        while len(self.seqs) < most:
            first, length = await reader.readexactly(2)
            if length >= 126:
                width = 2 if length == 126 else 8
                length = int.from_bytes(await reader.readexactly(width), "big")
            content = await reader.readexactly(length)
            if first & 15 == 8:
                return
            if content.startswith(b'{"type":"event"'):
                self.told(content)
            else:
                assert not content.startswith(b'{"type":"error"'), content

    @staticmethod
    def say(writer, what):
        writer.write(frame(1, json.dumps(what).encode()))


class Crowd:
    """So many readers of tickets of so many people, and so many changes."""

    def __init__(self, martlet, readers, changes, token, writers=8):
        self.host, self.port = martlet.host, martlet.port
        self.changes, self.writers, self.staff = changes, writers, token("agent", "AGENT")
        people = max(4, readers // 5)
        self.customers = [token(f"customer{number}", "CUSTOMER") for number in range(people)]
        self.tickets, self.start, self.count = [], 0, readers
        self.readers, self.status = [], {}

    def make_readers(self):
        chance = random.Random(1)
        for number in range(self.count):
            mine = number % len(self.customers)
            if number < min(6, self.count // 10):
                self.readers.append(Reader(self, number, "stream", self.staff, patience=(200, 3000)))
            elif number % 5 == 0:
                self.readers.append(Reader(self, number, "socket", self.staff, chance.sample(self.tickets, 3)))
            else:
                kind = "socket" if number % 2 else "stream"
                self.readers.append(Reader(self, number, kind, self.customers[mine], [self.tickets[mine]], is_staff=False))

    async def request(self, connection, token, method, path, body=None):
        reader, writer = connection
        content = json.dumps(body).encode() if body is not None else b""
        writer.write(
            f"{method} {path} HTTP/1.1\r\nhost: martlet\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\n\r\n".encode() + content)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        answer = await reader.readexactly(int(length[1])) if length else b""
        status = int(head.split(b" ", 2)[1])
        assert status < 300, (status, answer)
        return json.loads(answer)

    async def write(self, number):
        chance = random.Random(1000 + number)
        connection = await asyncio.open_connection(self.host, self.port)
        for round in range(self.changes // self.writers):
            ticket = chance.choice(self.tickets)
            if round % 4 == 0:
                await self.request(connection, self.staff, "PATCH", f"/tickets/{ticket}", {"title": f"{number}/{round}"})
            else:
                kind = "private" if round % 4 == 1 else "public"
                body = {"content": f"{number}/{round}", "comment_type": kind}
                await self.request(connection, self.staff, "POST", f"/tickets/{ticket}/comments", body)
        connection[1].close()

    async def log(self, connection):
        """What there is to be told, as staff read it: number, ticket, whether it is private."""
        rows, path = [], f"/events?limit=100&after={self.start}"
        while path:
            page = await self.request(connection, self.staff, "GET", path)
            rows += [(row["seq"], row["ticket_id"], row["data"].get("comment_type") == "private") for row in page["items"]]
            path = page["next"] and f"/events?limit=100&after={self.start}&cursor={page['next']}"
        return rows

    def expected(self, reader, rows):
        everything = reader.is_staff and not reader.tickets
        return [
            seq for seq, ticket, is_private in rows
            if (everything or ticket in reader.tickets) and (reader.is_staff or not is_private)]

    async def run(self, patience):
        """Gives how many events were told, how many cuts there were, and what went wrong, by reader."""
        connection = await asyncio.open_connection(self.host, self.port)
        for customer in self.customers:
            made = await self.request(connection, customer, "POST", "/tickets", {"title": "Printer on fire", "description": "It burns."})
            self.tickets.append(made["id"])
        page = await self.request(connection, self.staff, "GET", f"/tickets/{self.tickets[-1]}/events")
        # What was made first is made by one after the other, so nothing before this is still to come.
        self.start = page["items"][-1]["seq"]
        self.make_readers()
        tasks = [asyncio.create_task(reader.run()) for reader in self.readers]
        await asyncio.gather(*(self.write(number) for number in range(self.writers)))
        # The first one has been silent for too long, where the changes were many.
        connection[1].close()
        connection = await asyncio.open_connection(self.host, self.port)
        rows = await self.log(connection)
        wanted = {reader: self.expected(reader, rows) for reader in self.readers}
        end = asyncio.get_running_loop().time() + patience
        while asyncio.get_running_loop().time() < end:
            if all(reader.fault or not wanted[reader] or reader.last >= wanted[reader][-1] for reader in self.readers):
                break
            await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        connection[1].close()
        wrong = {}
        for reader in self.readers:
            lost = sorted(set(wanted[reader]) - set(reader.seqs))
            if reader.fault or reader.seqs != wanted[reader]:
                wrong[reader.number] = (reader.kind, repr(reader.fault), f"{len(lost)} lost", lost[:5], f"{len(reader.seqs)} told")
        return sum(len(reader.seqs) for reader in self.readers), sum(reader.cuts for reader in self.readers), wrong
