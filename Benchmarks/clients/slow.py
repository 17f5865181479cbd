"""Many clients that never get to the end of their request. Usage: slow.py PORT HEADERS BODIES SECONDS.

HEADERS of them send a header line every few seconds, BODIES of them a byte of the body. Says when all are connected;
when the last is gone, or after SECONDS, says how the server took leave of them.
"""

import collections
import json
import random
import select
import socket
import sys
import time

PER_ADDRESS = 500

# Each sends this often. Spread evenly, so that this process never holds the core for long that wrk runs on too.
EVERY = 3.0

HEADERS = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BODY = b"POST /auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"


class Client:
    def __init__(self, port, number, start, drop):
        self.drop, self.answer, self.connected = drop, b"", time.monotonic()
        self.socket = socket.socket()
        self.socket.settimeout(10)
        self.socket.bind((f"127.0.3.{number // PER_ADDRESS + 1}", 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(start)
        self.socket.setblocking(False)

    def send(self):
        try:
            self.socket.send(self.drop)
        except OSError:
            pass    # What became of it is told by the next receive.

    def is_gone(self):
        try:
            received = self.socket.recv(4096)
        except BlockingIOError:
            return False
        except OSError:
            received = b""
        self.answer += received
        return not received

    def farewell(self):
        words = self.answer.split(b" ", 2)
        return words[1].decode() if len(words) > 1 and words[0] == b"HTTP/1.1" else "closed without an answer"


def main(port, headers, bodies, seconds):
    kinds = [("headers", HEADERS, b"X-Slow: 1\r\n")] * headers + [("body", BODY, b" ")] * bodies
    # Mixed, so that an early end of one kind does not leave a hole in the sending.
    random.Random(1).shuffle(kinds)
    poll, clients = select.epoll(), {}
    for number, (kind, start, drop) in enumerate(kinds):
        try:
            client = Client(port, number, start, drop)
        except OSError as error:
            print(json.dumps({"open": len(clients), "trouble": str(error)}), flush=True)
            return
        client.kind = kind
        clients[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    print(json.dumps({"open": len(clients), "trouble": None}), flush=True)

    farewells = {"headers": collections.Counter(), "body": collections.Counter()}
    longest, began = 0.0, time.monotonic()
    order, sent = list(clients.values()), 0
    while clients and time.monotonic() - began < seconds:
        for descriptor, _ in poll.poll(0.005):
            client = clients[descriptor]
            if client.is_gone():
                longest = max(longest, time.monotonic() - client.connected)
                farewells[client.kind][client.farewell()] += 1
                poll.unregister(descriptor)
                client.socket.close()
                del clients[descriptor]
        due = int((time.monotonic() - began) / EVERY * len(order))
        for number in range(sent, min(due, sent + 200)):
            client = order[number % len(order)]
            if client.socket.fileno() in clients:
                client.send()
        sent = due
    for client in clients.values():
        farewells[client.kind]["still connected"] += 1
    print(json.dumps({"longest": longest, **farewells}), flush=True)


main(*map(int, sys.argv[1:]))
