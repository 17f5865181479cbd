"""A crowd of readers that come and go, on every way in which a desk tells what happens, while others write."""

import asyncio
import collections
import contextlib
import json
import random
import re

from readers import ChatReader, LiveReader, PollingReader, SocketReader, StreamReader

Row = collections.namedtuple("Row", "seq ticket type is_private content")
# Customers', by turns.
KINDS = [StreamReader, SocketReader, ChatReader, LiveReader, PollingReader]


class Crowd:
    """So many readers of tickets of so many people, and so many changes; both spread over all nodes."""

    def __init__(self, nodes, readers, changes, token, writers=8):
        self.nodes, self.count, self.changes, self.writers = nodes, readers, changes, writers
        self.staff, self.watcher = token("agent", "AGENT"), token("watcher", "AGENT")
        self.customers = [token(f"customer{number}", "CUSTOMER") for number in range(max(4, readers // 5))]
        self.tickets, self.start, self.written = [], 0, 0
        self.readers = []

    def make_readers(self):
        chance = random.Random(1)
        for number in range(self.count):
            mine = number % len(self.customers)
            if number < min(6, self.count // 10):
                reader = StreamReader(self, number, self.staff, patience=(200, 3000))
            elif number % 10 == 0:
                reader = SocketReader(self, number, self.staff, chance.sample(self.tickets, 3))
            elif number % 20 == 5:
                reader = ChatReader(self, number, self.staff, chance.sample(self.tickets, 1))
            elif number % 20 == 15:
                reader = (LiveReader, PollingReader)[number % 40 == 15](self, number, self.watcher, self.tickets[:3])
            else:
                kind = KINDS[(number // len(self.customers) + number) % len(KINDS)]
                reader = kind(self, number, self.customers[mine], [self.tickets[mine]], is_staff=False)
            self.readers.append(reader)

    async def connect(self, number=0):
        node = self.nodes[number % len(self.nodes)]
        return await asyncio.open_connection(node.host, node.port, limit=1 << 20)

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
        connection = await self.connect(number)
        for round in range(self.changes // self.writers):
            ticket = chance.choice(self.tickets)
            if round % 4 == 0:
                await self.request(connection, self.staff, "PATCH", f"/tickets/{ticket}", {"title": f"{number}/{round}"})
            else:
                kind = "private" if round % 4 == 1 else "public"
                body = {"content": f"{number}/{round}", "comment_type": kind}
                await self.request(connection, self.staff, "POST", f"/tickets/{ticket}/comments", body)
            self.written += 1
        connection[1].close()

    async def log(self, connection):
        """What there is to be told, as staff read it."""
        rows, path = [], f"/events?limit=100&after={self.start}"
        while path:
            page = await self.request(connection, self.staff, "GET", path)
            for row in page["items"]:
                data = row["data"]
                rows.append(Row(row["seq"], row["ticket_id"], row["type"], data.get("comment_type") == "private", data.get("content")))
            path = page["next"] and f"/events?limit=100&after={self.start}&cursor={page['next']}"
        return rows

    async def set_up(self):
        connection = await self.connect()
        # What is compared is what happens to tickets, and not who was told of it.
        off = {name: {"in_app": False} for name in ("assigned", "replied", "mentioned", "status_changed")}
        for person in [self.staff, self.watcher, *self.customers]:
            await self.request(connection, person, "PATCH", "/me/preferences", off)
        for customer in self.customers:
            made = await self.request(connection, customer, "POST", "/tickets", {"title": "Printer on fire", "description": "It burns."})
            self.tickets.append(made["id"])
        for ticket in self.tickets[:3]:
            await self.request(connection, self.watcher, "PUT", f"/tickets/{ticket}/followers/me")
        # Nothing before this is still to come: all of it was made by one after the other.
        page = await self.request(connection, self.staff, "GET", f"/tickets/{self.tickets[-1]}/events")
        self.start = page["items"][-1]["seq"]
        connection[1].close()
        self.make_readers()

    async def meanwhile(self, acts):
        """Does each act once so much of the changes is written."""
        for share, act in acts:
            while self.written < self.changes * share:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(act)

    async def run(self, patience, *acts):
        """Gives how many events were told, how many cuts there were, and what went wrong, by reader."""
        await self.set_up()
        tasks = [asyncio.create_task(reader.run()) for reader in self.readers]
        await asyncio.gather(self.meanwhile(acts), *(self.write(number) for number in range(self.writers)))
        connection = await self.connect()
        rows = await self.log(connection)
        connection[1].close()
        await self.wait_for_all({reader: reader.expected(rows) for reader in self.readers}, rows, patience)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return await self.compared(rows)

    async def wait_for_all(self, wanted, rows, patience):
        seq_of = {row.content: row.seq for row in rows if row.content}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                for reader in self.readers:
                    while not reader.fault and not reader.has_reached(wanted[reader], seq_of):
                        await asyncio.sleep(0.05)

    async def compared(self, rows):
        wrong = {}
        seq_of = {row.content: row.seq for row in rows if row.content}
        for reader in self.readers:
            wanted, fault = reader.expected(rows), reader.fault
            is_there = reader.has_reached(wanted, seq_of)
            try:
                await reader.settle()
            except Exception as told:
                fault = fault or told
            if fault or not is_there or reader.seqs != wanted:
                lost = sorted(set(wanted) - set(reader.seqs))
                wrong[reader.number] = (type(reader).__name__, repr(fault), is_there, f"{len(lost)} lost", lost[:5], f"{len(reader.seqs)} told")
        return sum(len(reader.seqs) for reader in self.readers), sum(reader.cuts for reader in self.readers), wrong
