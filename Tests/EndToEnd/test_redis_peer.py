"""A Redis that says what no Redis should: whoever may write to a shared one must not be able to stop the nodes."""

import socket
import threading

import pytest

from desks import Client, sign_in
from martlet import TOKEN, Martlet


class Redis(threading.Thread):
    """Answers each command as its name says in `answers`, else with OK."""

    def __init__(self, **answers):
        super().__init__(daemon=True)
        self.answers = {"PING": b"+PONG\r\n", "EXPIRE": b":1\r\n", "PUBLISH": b":0\r\n"} | answers
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.counted = threading.Event()
        self.start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[connection.makefile("rwb", buffering=0)], daemon=True).start()

    def serve(self, stream):
        try:
            while head := stream.readline():
                words = []
                for _ in range(int(head[1:])):
                    length = int(stream.readline()[1:])
                    words.append(stream.read(length + 2)[:-2])
                name = words[0].decode()
                if name == "SUBSCRIBE":
                    answer = b"".join(b"*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:%d\r\n" % (len(word), word, number) for number, word in enumerate(words[1:], 1))
                else:
                    answer = self.answers.get(name, b"+OK\r\n")
                stream.write(answer)
                if name == "INCRBY":
                    self.counted.set()
        except (OSError, ValueError):
            pass

    def close(self):
        self.listener.close()


@pytest.mark.parametrize("answer", [
    b":9223372036854775807\r\n", b":-9223372036854775808\r\n", b":9223372036854775806\r\n", b":-1\r\n", b"$3\r\nabc\r\n", b"*2147483647\r\n",
    b"$2147483647\r\n", b"-ERR no\r\n"])
def test_no_sum_that_redis_gives_ends_the_process(tmp_path, answer):
    redis = Redis(INCRBY=answer)
    martlet = Martlet(tmp_path, DEMO="on", REDIS_URL=redis.url, RATE_LIMIT=600, AUTH_RATE_LIMIT=60, METRICS_TOKEN=TOKEN)
    try:
        martlet.wait_for_line("Redis is there")
        client = None
        for number in range(60):
            status = martlet.get("/knowledge-base").status
            assert status in (200, 429), status
            if client is None:
                answered = Client(martlet).post("/auth/login", {"email": "alice", "password": "alice123"})
                if answered.status == 200:
                    client = Client(martlet, answered.json["access_token"])
            elif number % 2:
                assert client.get("/tickets").status in (200, 429)
        assert redis.counted.wait(10)
        assert martlet.process.poll() is None and martlet.get("/health").status == 200
    finally:
        martlet.stop()
        redis.close()
