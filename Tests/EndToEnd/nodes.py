"""Two servers of one desk, a Redis of their own, and clients that stay connected and note what they hear."""

import contextlib
import http.client
import json
import os
import subprocess
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from desks import UNLIMITED, Client, Desk, database
from martlet import ROOT, TOKEN, Martlet

PATIENCE = 20


def wait_until(is_so, what):
    """Waits for what must come."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.02)


class Redis:
    """A server of the test's own, to stop and to start."""

    def __init__(self, folder):
        self.folder = folder
        self.url = self.act("start")

    def act(self, verb):
        done = subprocess.run([ROOT / "Scripts/redis.sh", verb, self.folder], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


class Stream:
    """The events of an SSE stream, as they come."""

    def __init__(self, client, path="/events/stream", **fields):
        self.connection = http.client.HTTPConnection(client.martlet.host, client.martlet.port, timeout=60)
        headers = {"authorization": f"Bearer {client.token}"} | {name.replace("_", "-"): value for name, value in fields.items()}
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        self.answer.readline()
        self.events = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with contextlib.suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
            for line in iter(self.answer.readline, b""):
                if line.startswith(b"data: "):
                    self.events.append(json.loads(line[6:]))

    @property
    def seqs(self):
        return [event["seq"] for event in self.events]

    def close(self):
        # The reader sits in the socket, so that a plain close would wait for it.
        self.connection.sock and self.connection.sock.close()


class Socket:
    """The desk's WebSocket; notes each frame."""

    def __init__(self, client, *tickets):
        url = f"ws://{client.martlet.host}:{client.martlet.port}/ws"
        self.context = connect(url, additional_headers={"authorization": f"Bearer {client.token}"}, open_timeout=PATIENCE)
        self.socket = self.context.__enter__()
        self.frames, self.close_code = [], None
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for(type="authorized")
        for ticket in tickets:
            self.say(type="subscribe", ticket=ticket["id"])
        if tickets:
            # Frames are heeded in their order, and this one is answered.
            self.say(type="subscribe", ticket=str(2**50))
            self.wait_for(type="error", error="NOT_FOUND")

    def _read(self):
        with contextlib.suppress(ConnectionClosed):
            for text in self.socket:
                self.frames.append(json.loads(text))
        self.close_code = self.socket.close_code

    def say(self, **frame):
        self.socket.send(json.dumps(frame))

    def heard(self, **fields):
        return [frame for frame in self.frames if all(frame.get(name) == value for name, value in fields.items())]

    def wait_for(self, **fields):
        wait_until(lambda: self.heard(**fields), f"{fields} among {self.frames}")

    @property
    def seqs(self):
        return [frame["event"]["seq"] for frame in self.heard(type="event")]

    def close(self):
        self.context.__exit__(None, None, None)


class Nodes:
    def __init__(self, one, two, redis):
        self.one, self.two, self.redis = one, two, redis
        self.desk = Desk(one, "postgres")

    def on_two(self, client):
        """The same person with the same credential, at the other node."""
        return Client(self.two, client.token)

    def readiness(self):
        return [node.get("/health/ready").json for node in (self.one, self.two)]

    def wait_for_redis(self, status="ok"):
        wait_until(lambda: all(ready["status"] == status for ready in self.readiness()), status)


@contextlib.contextmanager
def two_nodes(folder, with_redis=True, **settings):
    if with_redis and not os.environ.get("MARTLET_TEST_REDIS"):
        pytest.skip("MARTLET_TEST_REDIS names no server, so there may be none to start")
    with database("postgres", folder) as url, contextlib.ExitStack() as stack:
        redis = None
        if with_redis:
            redis = Redis(folder / "redis")
            stack.callback(redis.act, "stop")
            settings["REDIS_URL"] = redis.url
        started = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            started.append(Martlet(folder / name, DEMO="on", DATABASE_URL=url, METRICS_TOKEN=TOKEN, **(UNLIMITED | settings)))
            stack.callback(started[-1].stop)
        nodes = Nodes(*started, redis)
        nodes.wait_for_redis()
        yield nodes
