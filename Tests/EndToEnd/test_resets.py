"""PostgreSQL's connections are reset under load, as by a fail-over: who asks is told soon, and who does not need the database notices nothing."""

import contextlib
import os
import select
import socket
import struct
import threading
import time
from urllib.parse import urlsplit, urlunsplit

import pytest

from desks import Client, Desk, UNLIMITED, database
from martlet import TOKEN, Martlet

RESETS = 4
PATIENCE = 20


class Proxy(threading.Thread):
    """Between the server and PostgreSQL; resets all that goes through it when it is told to."""

    def __init__(self, host, port):
        super().__init__(daemon=True)
        self.target = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.peers = {}
        self.must_reset, self.is_over = threading.Event(), threading.Event()
        self.start()

    def run(self):
        while not self.is_over.is_set():
            if self.must_reset.is_set():
                for peer in list(self.peers):
                    with contextlib.suppress(OSError):
                        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    peer.close()
                self.peers = {}
                self.must_reset.clear()
            ready, _, _ = select.select([self.listener, *self.peers], [], [], 0.01)
            for each in ready:
                self.take() if each is self.listener else self.carry(each)

    def take(self):
        near, _ = self.listener.accept()
        try:
            far = socket.create_connection(self.target, timeout=5)
        except OSError:
            return near.close()
        self.peers[near], self.peers[far] = far, near

    def carry(self, source):
        if source not in self.peers:
            return
        try:
            data = source.recv(262_144)
            if data:
                return self.peers[source].sendall(data)
        except OSError:
            pass
        for peer in (self.peers.pop(source), source):
            self.peers.pop(peer, None)
            peer.close()

    def reset(self):
        self.must_reset.set()
        while self.must_reset.is_set():
            time.sleep(0.005)

    def close(self):
        self.is_over.set()
        self.join(5)
        self.listener.close()


class Writer(threading.Thread):
    """Opens large tickets, one after the other."""

    def __init__(self, martlet, token, is_over):
        super().__init__(daemon=True)
        self.martlet, self.token, self.is_over = martlet, token, is_over
        self.made, self.refused, self.faults = 0, 0, []

    def run(self):
        client = Client(self.martlet, self.token)
        while not self.is_over.is_set():
            try:
                answer = client.post("/tickets", {"title": "Printer on fire", "description": "It burns. " * 6_000})
            except OSError as fault:
                self.faults.append(fault)
                continue
            if answer.status == 201:
                self.made += 1
            elif answer.status == 503:
                self.refused += 1
            else:
                self.faults.append((answer.status, answer.body))


class Bystander(threading.Thread):
    """Opens connections when it is told to, which get the numbers that the reset ones had, and asks over each of them what needs no database."""

    def __init__(self, martlet, count, is_over):
        super().__init__(daemon=True)
        self.martlet, self.count, self.is_over = martlet, count, is_over
        self.must_open = threading.Event()
        self.connections = []
        self.answered, self.hung = 0, 0

    def run(self):
        while not self.is_over.is_set():
            if self.must_open.is_set():
                self.must_open.clear()
                self.close()
                self.connections = [socket.create_connection((self.martlet.host, self.martlet.port), timeout=PATIENCE) for _ in range(self.count)]
            for connection in list(self.connections):
                self.ask(connection)
            time.sleep(0.05)
        self.close()

    def ask(self, connection):
        try:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: martlet\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
            self.answered += 1
        except TimeoutError:
            self.hung += 1
            self.connections.remove(connection)

    def close(self):
        for connection in self.connections:
            connection.close()


@pytest.mark.timeout(240)
def test_resets_under_load_take_nothing_from_others(tmp_path):
    with database("postgres", tmp_path) as url:
        parts = urlsplit(url)
        proxy = Proxy(parts.hostname, parts.port)
        through = urlunsplit(parts._replace(netloc=f"postgres@127.0.0.1:{proxy.port}"))
        martlet = Martlet(tmp_path, DEMO="on", DATABASE_URL=through, METRICS_TOKEN=TOKEN, **UNLIMITED)
        try:
            desk = Desk(martlet, "postgres")
            is_over = threading.Event()
            writers = [Writer(martlet, desk.customer.token, is_over) for _ in range(16)]
            bystanders = [Bystander(martlet, 12, is_over) for _ in range(4)]
            for thread in writers + bystanders:
                thread.start()
            for _ in range(RESETS):
                made = sum(writer.made for writer in writers)
                end = time.monotonic() + PATIENCE
                while sum(writer.made for writer in writers) < made + 10 and time.monotonic() < end:
                    time.sleep(0.02)
                assert sum(writer.made for writer in writers) >= made + 10, "it does not come back"
                proxy.reset()
                for bystander in bystanders:
                    bystander.must_open.set()
                # As long as a link was kept that had been reset while it sent: when it was closed at last, another connection lost its events.
                time.sleep(7.5)
            is_over.set()
            for thread in writers + bystanders:
                thread.join(3 * PATIENCE)
            assert [writer.faults for writer in writers if writer.faults] == []
            assert sum(bystander.hung for bystander in bystanders) == 0
            assert sum(bystander.answered for bystander in bystanders) > 100
            end = time.monotonic() + PATIENCE
            while desk.customer.post("/tickets", {"title": "Afterwards", "description": "It burns."}).status != 201:
                assert time.monotonic() < end
        finally:
            martlet.stop()
            proxy.close()
