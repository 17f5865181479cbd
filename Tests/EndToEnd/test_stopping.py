"""What clients see of a server that is told to stop while they are at it."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import pytest

from desks import database, psql
from martlet import BINARY


class Client(threading.Thread):
    """Asks on one connection after another, until a connection is refused. Counts what it asked and what was answered whole."""

    def __init__(self, martlet):
        super().__init__(daemon=True)
        self.address = (martlet.host, martlet.port)
        self.asked = self.answered = 0
        self.fault = None

    def run(self):
        try:
            while True:
                try:
                    connection = socket.create_connection(self.address, timeout=10)
                except ConnectionRefusedError:
                    return
                with connection:
                    while self.ask(connection):
                        pass
        except (OSError, EOFError) as fault:
            self.fault = fault

    def ask(self, connection):
        """One request and its answer. Whether the server takes another on this connection."""
        self.asked += 1
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: martlet\r\n\r\n")
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.more(connection)
        head, body = received.split(b"\r\n\r\n", 1)
        length = int(re.search(rb"content-length: (\d+)", head)[1])
        while len(body) < length:
            body += self.more(connection)
        assert head.startswith(b"HTTP/1.1 200 ")
        self.answered += 1
        return b"connection: close" not in head

    def more(self, connection):
        received = connection.recv(4096)
        if not received:
            raise EOFError("the connection ended within an answer, or before it")
        return received


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_every_request_that_was_taken_is_answered(start, signal_):
    martlet = start()
    clients = [Client(martlet) for _ in range(20)]
    for client in clients:
        client.start()
    time.sleep(0.3)
    martlet.process.send_signal(signal_)
    assert martlet.process.wait(12) == 0
    for client in clients:
        client.join(10)
    assert [client.fault for client in clients if client.fault] == []
    assert all(client.asked == client.answered > 0 for client in clients)


def test_a_silent_connection_does_not_keep_the_server(start):
    martlet = start()
    assert martlet.get("/health").status == 200
    with martlet.connect() as silent:
        martlet.terminate()
        assert martlet.process.wait(12) == 0
        assert silent.recv(1) == b""


def test_a_request_that_has_begun_may_be_finished(start):
    martlet = start()
    with martlet.connect() as slow:
        # Both came together, so who has the first one's answer knows that the second one's beginning was read too.
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: martlet\r\n\r\nGET /health HTTP/1.1\r\n")
        first = b""
        while not first.endswith(b"}"):
            first += slow.recv(4096)
        assert first.startswith(b"HTTP/1.1 200 ") and b"connection: close" not in first
        martlet.terminate()
        martlet.wait_for_line("stopping")
        slow.sendall(b"Host: martlet\r\n\r\n")
        answer = b""
        while piece := slow.recv(4096):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 200 ") and b"connection: close" in answer
    assert martlet.process.wait(12) == 0


def test_nobody_is_let_in_afterwards(start):
    martlet = start()
    martlet.stop()
    with pytest.raises(ConnectionRefusedError):
        martlet.connect()


def test_a_port_where_somebody_listens_is_refused_in_a_sentence(start, tmp_path):
    first = start()
    second = subprocess.run(
        [BINARY, "serve", "--port", str(first.port)], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=20)
    assert second.returncode == 1
    assert second.stderr == f"martlet: listen at 127.0.0.1:{first.port}: Address already in use\n"


def starting(folder, **settings):
    """A server that does not come to listen, since something is in its way."""
    environment = {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": "0", "LOG_FORMAT": "json"} | settings
    return subprocess.Popen([BINARY, "serve"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stopped(process, signal_):
    """What it logs when it is told to stop meanwhile; it ends well, though what was in its way still is."""
    process.send_signal(signal_)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, ""), out
    return [json.loads(line)["message"] for line in out.splitlines()]


def has_open(process, path):
    try:
        return any(os.readlink(entry.path) == str(path) for entry in os.scandir(f"/proc/{process.pid}/fd"))
    except OSError:
        return False


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_waits_for_a_locked_file_can_be_stopped(tmp_path, signal_):
    path = tmp_path / "martlet.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE t (n)")
    holder.execute("BEGIN EXCLUSIVE")
    process = starting(tmp_path, DATABASE_URL=f"sqlite:{path}")
    try:
        wait_until(lambda: has_open(process, path))
        # One that does not hear it gives up the wait after five seconds, and fails.
        assert "stopped before it was ready" in stopped(process, signal_)
    finally:
        process.kill()
        holder.close()


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_waits_for_another_nodes_migrations_can_be_stopped(tmp_path, signal_):
    with database("postgres", tmp_path) as url:
        holder = subprocess.Popen(
            ["psql", "--no-psqlrc", "-qtA", url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        holder.stdin.write("SELECT pg_advisory_lock(7205759403792794);\n")
        holder.stdin.flush()
        wait_until(lambda: psql(url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") != "0")
        process = starting(tmp_path, DATABASE_URL=url)
        try:
            wait_until(lambda: psql(url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == "1")
            assert "stopped before it was ready" in stopped(process, signal_)
        finally:
            process.kill()
            holder.kill()
            holder.communicate()


def test_a_second_signal_means_now(start):
    martlet = start(SHUTDOWN_GRACE_MS=300_000, HEADER_TIMEOUT_MS=300_000)
    with martlet.connect() as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\n")
        time.sleep(0.2)
        martlet.terminate()
        martlet.wait_for_line("stopping")
        time.sleep(0.5)
        assert martlet.process.poll() is None, "the request that has begun has its grace"
        martlet.terminate()
        assert martlet.process.wait(60) == 0
        # Whether it is told so or cut off, it is not answered.
        with contextlib.suppress(OSError):
            assert not slow.recv(4096).startswith(b"HTTP/1.1 200 ")
