"""The servers of the tests that speak Engine.IO and Socket.IO, and clients for them that know nothing but HTTP and WebSocket."""

import contextlib
import http.client
import json
import pathlib
import subprocess
import urllib.parse

from websockets.sync.client import connect

from martlet import BINARY, Answer, die_with_parent

PING_INTERVAL = 0.3
PING_TIMEOUT = 0.2
MAX_PAYLOAD = 1_000_000


class Speaker:
    """A server of ours at a free port, and how to talk to it by hand."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [pathlib.Path(BINARY).with_name(program), "0"], stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        self.url = self.process.stdout.readline().removeprefix("listening on ").strip()
        parts = urllib.parse.urlsplit(self.url)
        self.host, self.port, self.path = parts.hostname, parts.port, parts.path

    def stop(self):
        self.process.terminate()
        assert self.process.wait(15) == 0

    def rss(self):
        """Its memory, in bytes."""
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * 4096

    def ask(self, method="GET", body=None, fields={}, **query):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request(method, f"{self.path}?{urllib.parse.urlencode(query)}", body, fields)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def poll(self, sid, **query):
        return self.ask(EIO=4, transport="polling", sid=sid, **query)

    def post(self, sid, body):
        return self.ask("POST", body, EIO=4, transport="polling", sid=sid)

    def polls(self, sid):
        """A poll on a thread of its own, which is on its way when this returns."""
        return Poll(self, sid)

    def open_polling(self):
        """A session's id."""
        answer = self.ask(EIO=4, transport="polling")
        assert answer.status == 200
        return json.loads(answer.body[1:])["sid"]

    @contextlib.contextmanager
    def socket(self, **query):
        address = f"ws://{self.host}:{self.port}{self.path}?{urllib.parse.urlencode({'EIO': 4, 'transport': 'websocket'} | query)}"
        with connect(address, max_size=None, ping_interval=None, close_timeout=2, compression=None) as socket:
            yield socket

    def refused_socket(self, **query):
        """The answer to a handshake that is refused."""
        return self.ask(
            fields={
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            }, **query)


class Poll:
    def __init__(self, speaker, sid):
        self.connection = http.client.HTTPConnection(speaker.host, speaker.port, timeout=10)
        self.connection.request("GET", f"{speaker.path}?EIO=4&transport=polling&sid={sid}")

    def answer(self):
        answer = self.connection.getresponse()
        try:
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            self.connection.close()

    def give_up(self):
        self.connection.close()


def hear(socket, seconds=5, ignoring_pings=True):
    """The next message; pings are answered on the way."""
    while True:
        message = socket.recv(timeout=seconds)
        if message != "2" or not ignoring_pings:
            return message
        socket.send("3")


def hears_end(socket, seconds=5):
    """Whether the connection ends, whatever is said before."""
    from websockets.exceptions import ConnectionClosed
    try:
        while True:
            socket.recv(timeout=seconds)
    except ConnectionClosed:
        return True
