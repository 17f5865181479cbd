"""Readers of the live streams, over plain sockets: an event stream, and the desk's WebSocket."""

import base64
import contextlib
import json
import os
import socket
import struct

import websockets.exceptions
import websockets.sync.client


class Closing:
    """What has a socket and is closed at the end of a `with`."""

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class EventStream(Closing):
    """`GET /events/stream`. The answer's status, and what comes one at a time."""

    def __init__(self, martlet, token=None, path="/events/stream", receive_buffer=None, timeout=10, **fields):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((martlet.host, martlet.port))
        if token:
            fields["authorization"] = f"Bearer {token}"
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nhost: martlet\r\n{head}\r\n".encode())
        self.buffer = b""
        self.head = self.take(b"\r\n\r\n").decode()
        self.status = int(self.head.split(" ", 2)[1])
        self.last = None

    def take(self, end):
        while end not in self.buffer:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError("the stream has ended")
            self.buffer += piece
        found, self.buffer = self.buffer.split(end, 1)
        return found

    def next(self):
        """The next event's row; its id and name must say what the row says."""
        while True:
            fields = {}
            for line in self.take(b"\n\n").decode().split("\n"):
                name, _, value = line.partition(": ")
                if name and not line.startswith(":"):
                    assert name not in fields, line
                    fields[name] = value
            if "data" in fields:
                row = json.loads(fields["data"])
                assert (fields["id"], fields["event"]) == (str(row["seq"]), row["type"])
                self.last = row["seq"]
                return row

    def until(self, last):
        """All that comes up to the event with that number."""
        rows = []
        while not rows or rows[-1]["seq"] < last:
            rows.append(self.next())
        return rows

    def ended(self):
        """Whether it ends, and tells nothing on the way but what was on its way already."""
        with contextlib.suppress(EOFError, ConnectionResetError):
            while True:
                self.next()
        return True


class DeskSocket(Closing):
    """`/ws`, or another socket of JSON. What comes one at a time."""

    def __init__(self, martlet, token=None, by="header", after=None, tickets=(), timeout=10, path="/ws"):
        url = f"ws://{martlet.host}:{martlet.port}{path}" + (f"?token={token}" if by == "query" else "")
        headers = {"Authorization": f"Bearer {token}"} if by == "header" and token else {}
        self.timeout = timeout
        self.socket = websockets.sync.client.connect(
            url, additional_headers=headers, compression=None, max_size=None, open_timeout=timeout,
            legacy=True)
        if by == "frame":
            self.say(type="authorize", token=token)
        if token and path == "/ws":
            assert self.next() == {"type": "authorized"}
        for ticket in tickets:
            self.say(type="subscribe", ticket=ticket)
        if after is not None:
            self.say(type="resume", after=after)
        else:
            self.sync()

    def say(self, **frame):
        self.socket.send(json.dumps(frame))

    def sync(self):
        """Comes back when everything that was said has been heard."""
        assert self.socket.ping().wait(self.timeout)

    def next(self):
        return json.loads(self.socket.recv(self.timeout))

    def row(self):
        """The next event's row; signals on the way are left out."""
        while True:
            frame = self.next()
            assert frame["type"] != "error", frame
            if frame["type"] == "event":
                return frame["event"]

    def until(self, last):
        rows = []
        while not rows or rows[-1]["seq"] < last:
            rows.append(self.row())
        return rows

    def error(self):
        """The next frame, which must be an error."""
        frame = self.next()
        assert frame["type"] == "error" and frame["message"], frame
        return frame["error"]

    def close_code(self):
        """The code with which the server ends it; what came before is left out."""
        try:
            while True:
                self.socket.recv(self.timeout)
        except websockets.exceptions.ConnectionClosed as closed:
            return closed.rcvd and closed.rcvd.code


class RawSocket(Closing):
    """A WebSocket whose frames are sent as a test made them."""

    def __init__(self, martlet, token=None, path="/ws", source=None):
        self.socket = socket.create_connection((martlet.host, martlet.port), timeout=10, source_address=source)
        credential = f"authorization: Bearer {token}\r\n" if token else ""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nhost: martlet\r\n{credential}upgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n".encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101 "), head
        if path == "/ws" and token:
            assert self.frame() == (1, b'{"type":"authorized"}')

    def more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError
        return piece

    def bytes(self, count):
        while len(self.buffer) < count:
            self.buffer += self.more()
        found, self.buffer = self.buffer[:count], self.buffer[count:]
        return found

    def frame(self):
        """The next frame's opcode and bytes."""
        first, length = self.bytes(2)
        assert length < 128, "a server masks nothing"
        if length == 126:
            length = struct.unpack("!H", self.bytes(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self.bytes(8))[0]
        return first & 15, self.bytes(length)

    def answer(self):
        """What a frame is answered with: the word of an `error` frame, or the code of a close."""
        opcode, content = self.frame()
        if opcode == 8:
            return struct.unpack("!H", content[:2])[0]
        assert opcode == 1, (opcode, content)
        return json.loads(content)["error"]


def frame(opcode, content, final=True, masked=True, reserved=0, length=None):
    """A client's frame, right or wrong."""
    length = len(content) if length is None else length
    head = bytes([(128 if final else 0) | reserved << 4 | opcode])
    mark = 128 if masked else 0
    if length < 126:
        head += bytes([mark | length])
    elif length < 65_536:
        head += bytes([mark | 126]) + struct.pack("!H", length)
    else:
        head += bytes([mark | 127]) + struct.pack("!Q", length)
    return head + (b"\0\0\0\0" if masked else b"") + content
