"""A martlet process of a test's own, and a plain client for it that hides nothing: no redirects, no unpacking."""

import ctypes
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("MARTLET", str(ROOT / ".build/debug/martlet"))
TOKEN = "a-token-for-tests-0123456789"


LIBC = ctypes.CDLL(None)


def die_with_parent():
    """PR_SET_PDEATHSIG: also a test run that is killed leaves no server behind."""
    LIBC.prctl(1, signal.SIGKILL)


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def __getitem__(self, name):
        """The only field of that name; None when there is none."""
        found = [value for key, value in self.fields if key.lower() == name]
        assert len(found) <= 1, f"{name} comes {len(found)} times"
        return found[0] if found else None

    @property
    def json(self):
        return json.loads(self.body)


class Martlet:
    """Starts in `folder`, where no `.env` is, with `flags` and nothing in its environment but `settings`. Says what it logged when it fails."""

    def __init__(self, folder, *flags, **settings):
        environment = {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": "0", "LOG_FORMAT": "json", "LOOPS": "2"}
        environment.update({name: str(value) for name, value in settings.items()})
        self.process = subprocess.Popen(
            [BINARY, "serve", *flags], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)
        self.lines = []
        self.said = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.url = self.wait_for_line("listening")["address"]
        self.host, port = self.url.removeprefix("http://").rsplit(":", 1)
        self.port = int(port)

    def _read(self):
        for line in self.process.stdout:
            with self.said:
                self.lines.append(json.loads(line))
                self.said.notify_all()
        with self.said:
            self.said.notify_all()

    def wait_for_line(self, message, seconds=10):
        """The first line of the log with that message."""
        end = time.monotonic() + seconds
        with self.said:
            while True:
                for line in self.lines:
                    if line["message"] == message:
                        return line
                if self.process.poll() is not None:
                    raise AssertionError(f"martlet ended with {self.process.returncode}: {self.process.stderr.read()}")
                if time.monotonic() > end:
                    raise AssertionError(f"martlet did not say {message!r} but {self.lines}")
                self.said.wait(0.1)

    @property
    def pid(self):
        return self.process.pid

    def get(self, path, **fields):
        return self.request("GET", path, **fields)

    def request(self, method, path, body=None, **fields):
        """Field names in Python's spelling: `x_forwarded_for`."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in fields.items()})
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def connect(self):
        return socket.create_connection((self.host, self.port), timeout=10)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def kill(self):
        """Ends it as a power cut would: not one instruction more."""
        self.process.kill()
        self.process.wait(15)
        self.reader.join(5)

    def stop(self):
        """Ends it as an operator would; it must end well, and say nothing on standard error."""
        if self.process.poll() is None:
            self.terminate()
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("martlet did not stop within 15 seconds of SIGTERM")
        self.reader.join(5)
        errors = self.process.stderr.read()
        assert (code, errors) == (0, ""), f"martlet ended with {code}: {errors}"
