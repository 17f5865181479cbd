"""Many WebSocket sessions on tickets, a hundred to each, and changes to the first. Usage: live.py PORT TOKEN.

"open N" on standard input has N sessions open in all, and says so; "change R" changes the first ticket R times, one after another, and
says how long after a change was sent its answer and the last of the hundred events were there. The end of input ends it.
"""

import base64
import json
import os
import select
import socket
import sys
import time

# Below the bound that a server may put on one address.
PER_ADDRESS = 500
PER_TICKET = 100
# How long an event may take before it counts as lost.
PATIENCE = 10


class Asker:
    """A kept connection of somebody who is signed in."""

    def __init__(self, port, token):
        self.token = token
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, method, path, body):
        content = json.dumps(body).encode()
        self.socket.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n".encode() + content)

    def ask(self, method, path, body):
        self.send(method, path, body)
        answer = b""
        while True:
            answer += self.socket.recv(65536)
            head, end, content = answer.partition(b"\r\n\r\n")
            if end:
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                if len(content) == length:
                    return json.loads(content)


def frame(what):
    content = json.dumps(what).encode()
    return bytes([0x81, 0x80 | len(content)]) + b"\0\0\0\0" + content


def session(port, token, ticket, number):
    """A socket that follows a ticket, by when it returns."""
    made = socket.socket()
    made.settimeout(PATIENCE)
    made.bind((f"127.0.2.{number // PER_ADDRESS + 1}", 0))
    made.connect(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    made.sendall(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        # A ping behind the subscription: its answer says that the subscription stands.
        + frame({"type": "subscribe", "ticket": ticket}) + bytes([0x89, 0x80]) + b"\0\0\0\0")
    heard = b""
    while not heard.endswith(b"\x8a\x00"):
        piece = made.recv(4096)
        if not piece:
            raise OSError(f"session {number} was refused: {heard[:200]!r}")
        heard += piece
    made.setblocking(False)
    return made


class Crowd:
    def __init__(self, port, token):
        self.port, self.token = port, token
        self.writer = Asker(port, token)
        self.sessions, self.tickets = [], []
        self.epoll = select.epoll()
        self.by_descriptor = {}

    def open(self, count):
        while len(self.sessions) < count:
            number = len(self.sessions)
            if number % PER_TICKET == 0:
                made = self.writer.ask("POST", "/tickets", {"title": "Printer on fire", "description": "It burns."})
                self.tickets.append(made["id"])
            made = session(self.port, self.token, self.tickets[-1], number)
            self.sessions.append(made)
            self.by_descriptor[made.fileno()] = made
            self.epoll.register(made.fileno(), select.EPOLLIN)
        # Presence that is still on its way is none of the changes' business.
        time.sleep(0.5)
        self.drain()
        return {"open": len(self.sessions)}

    def drain(self):
        while ready := self.epoll.poll(0.2):
            for descriptor, _ in ready:
                if descriptor in self.by_descriptor and not self.by_descriptor[descriptor].recv(65536):
                    raise OSError("a session was closed")

    def change(self, rounds):
        """Seconds from sending to the answer and to the last event, of each change."""
        answered, told, each = [], [], []
        self.writer.socket.setblocking(False)
        self.epoll.register(self.writer.socket.fileno(), select.EPOLLIN)
        for number in range(rounds):
            waiting, has_answer = PER_TICKET, False
            title = f"Change {time.monotonic_ns()}"
            began = time.perf_counter()
            self.writer.send("PATCH", f"/tickets/{self.tickets[0]}", {"title": title})
            while waiting or not has_answer:
                ready = self.epoll.poll(PATIENCE)
                if not ready:
                    raise OSError(f"{waiting} sessions were not told within {PATIENCE} s")
                now = time.perf_counter() - began
                for descriptor, _ in ready:
                    if descriptor == self.writer.socket.fileno():
                        has_answer = self.writer.socket.recv(65536).startswith(b"HTTP/1.1 200")
                        answered.append(now)
                    elif title.encode() in self.by_descriptor[descriptor].recv(65536):
                        waiting -= 1
                        each.append(now)
            told.append(each[-1])
            time.sleep(0.002)
        self.epoll.unregister(self.writer.socket.fileno())
        self.writer.socket.settimeout(PATIENCE)
        return {"answered": answered, "told": told, "each": each}


def main(port, token):
    crowd = Crowd(port, token)
    for line in sys.stdin:
        what, count = line.split()
        print(json.dumps({"open": crowd.open, "change": crowd.change}[what](int(count))), flush=True)


main(int(sys.argv[1]), sys.argv[2])
