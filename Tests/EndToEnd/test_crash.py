"""What was acknowledged stays: through a killed server, a database that goes away, and a full disk. And what was sent again because
nobody knew whether it had come through is there once."""

import collections
import contextlib
import http.client
import os
import random
import shutil
import subprocess
import threading
import time
import uuid

import pytest

from desks import ENGINES, UNLIMITED, Client, database, sign_in
from martlet import ROOT, Martlet

# Rounds of killing: a few each time, and many on demand.
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "5"))
WRITERS = 16
PASSWORD = "correct horse battery"


class Writer(threading.Thread):
    """Opens ticket after ticket, each with a key that is its title too, until it is told to stop or nobody answers."""

    def __init__(self, martlet, token):
        super().__init__(daemon=True)
        self.client = Client(martlet, token)
        self.acknowledged, self.unsure, self.refusals, self.faults = {}, [], [], []
        self.told_to_stop = threading.Event()

    def run(self):
        while not self.told_to_stop.is_set():
            key = uuid.uuid4().hex
            try:
                answer = open_ticket(self.client, key)
            except (OSError, http.client.HTTPException):
                self.unsure.append(key)
                return
            if answer.status == 201:
                self.acknowledged[key] = answer.json["id"]
            else:
                self.unsure.append(key)
                self.refusals.append(answer)
                self.told_to_stop.wait(0.02)


def open_ticket(client, key):
    return client.post("/tickets", {"title": key, "description": "It burns."}, idempotency_key=key)


def account(martlet):
    """A customer of the test's own."""
    email = f"{uuid.uuid4().hex}@example.com"
    answer = Client(martlet).post("/auth/register", {"email": email, "password": PASSWORD, "first_name": "W", "last_name": "R"})
    assert answer.status == 201, answer.body
    return email


def titles(client):
    """How often each title is among the caller's tickets."""
    found = collections.Counter()
    path = "/tickets/my?limit=100"
    while path:
        page = client.get(path)
        assert page.status == 200, page.body
        found.update(ticket["title"] for ticket in page.json["items"])
        path = page.json["next"] and f"/tickets/my?limit=100&cursor={page.json['next']}"
    return found


def check(client, writers):
    """Nothing that was acknowledged is lost, and nothing is there twice, however often it is sent. Answers how much there was."""
    acknowledged = {key: id for writer in writers for key, id in writer.acknowledged.items()}
    for key, id in acknowledged.items():
        again = open_ticket(client, key)
        assert (again.status, again["idempotency-replayed"], again.json["id"]) == (201, "true", id), again.body
    unsure = [key for writer in writers for key in writer.unsure]
    for key in unsure:
        first, second = open_ticket(client, key), open_ticket(client, key)
        assert (first.status, second.status) == (201, 201), first.body
        assert first.json["id"] == second.json["id"] and second["idempotency-replayed"] == "true"
    assert set(acknowledged) | set(unsure) <= set(titles(client))
    return len(acknowledged)


def started(martlet, token, count=WRITERS):
    writers = [Writer(martlet, token) for _ in range(count)]
    for writer in writers:
        writer.start()
    return writers


def ended(writers):
    for writer in writers:
        writer.told_to_stop.set()
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.timeout(60 + 20 * ROUNDS)
def test_a_killed_server_has_lost_nothing(engine, tmp_path, record_property):
    chance = random.Random(1)
    with database(engine, tmp_path) as url:
        settings = {"DATABASE_URL": url, **UNLIMITED}
        martlet = Martlet(tmp_path, **settings)
        email = account(martlet)
        survived = unsure = 0
        for _ in range(ROUNDS):
            writers = started(martlet, sign_in(martlet, email, PASSWORD)["access_token"])
            time.sleep(chance.uniform(0.05, 0.3))
            martlet.kill()
            ended(writers)
            martlet = Martlet(tmp_path, **settings)
            client = Client(martlet, sign_in(martlet, email, PASSWORD)["access_token"])
            survived += check(client, writers)
            unsure += sum(len(writer.unsure) for writer in writers)
        record_property("acknowledged and kept", survived)
        record_property("sent again without an answer, and there once", unsure)
        assert survived > ROUNDS
        assert set(titles(client).values()) == {1}
        martlet.stop()


@contextlib.contextmanager
def own_postgres(folder):
    """A server of this test's own: its URL, and a way to say `pause` and `resume`."""
    script = str(ROOT / "Scripts/postgres.sh")

    def say(verb):
        done = subprocess.run([script, verb, str(folder)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    url = say("start")
    try:
        yield url, say
    finally:
        say("stop")


def until(holds, seconds):
    """Waits until something holds, and answers whether it does."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.skipif(not os.environ.get("MARTLET_TEST_POSTGRES"), reason="MARTLET_TEST_POSTGRES names no server")
@pytest.mark.timeout(180)
def test_a_database_that_goes_away_and_comes_back(tmp_path_factory):
    # PostgreSQL's own user must reach the folder.
    folder = f"/tmp/martlet-crash-{uuid.uuid4().hex[:12]}"
    with own_postgres(folder) as (url, say):
        martlet = Martlet(tmp_path_factory.mktemp("outage"), DATABASE_URL=url, **UNLIMITED)
        email = account(martlet)
        token = sign_in(martlet, email, PASSWORD)["access_token"]
        client = Client(martlet, token)
        for _ in range(3):
            writers = started(martlet, token, 8)
            assert until(lambda: sum(len(writer.acknowledged) for writer in writers) > 50, 30)
            say("pause")
            for path in ("/tickets/my", "/health/ready"):
                answer = client.get(path)
                assert (answer.status, answer.json["error"]) == (503, "UNAVAILABLE"), answer.body
                assert int(answer["retry-after"]) > 0
            assert client.get("/health/live").status == 200
            assert until(lambda: all(writer.refusals for writer in writers), 20)
            say("resume")
            assert until(lambda: client.get("/tickets/my").status == 200 and client.get("/health/ready").status == 200, 2)
            before = [len(writer.acknowledged) for writer in writers]
            assert until(lambda: all(len(writer.acknowledged) > count for writer, count in zip(writers, before)), 2)
            ended(writers)
            for writer in writers:
                assert writer.is_alive() is False and all(
                    (answer.status, answer.json["error"]) == (503, "UNAVAILABLE") and int(answer["retry-after"]) > 0 for answer in writer.refusals)
            check(client, writers)
        assert set(titles(client).values()) == {1}
        martlet.stop()


@contextlib.contextmanager
def small_disk(folder, megabytes):
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "martlet-test", str(folder)], capture_output=True, text=True, timeout=30)
    if made.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=30)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
@pytest.mark.timeout(120)
def test_a_full_disk_refuses_writes_and_loses_nothing(tmp_path):
    with small_disk(tmp_path / "disk", 16) as disk:
        martlet = Martlet(tmp_path, DATABASE_URL=f"sqlite:{disk}/martlet.db", **UNLIMITED)
        email = account(martlet)
        token = sign_in(martlet, email, PASSWORD)["access_token"]
        client = Client(martlet, token)
        with open(disk / "ballast", "wb") as ballast:
            ballast.write(bytes(shutil.disk_usage(disk).free - 1_000_000))
        writers = started(martlet, token, 4)
        assert until(lambda: all(writer.refusals for writer in writers), 60), "the disk does not fill"
        assert client.get("/tickets/my").status == 200, "reading goes on"
        ended(writers)
        for answer in (answer for writer in writers for answer in writer.refusals):
            assert (answer.status, answer.json["error"]) == (503, "UNAVAILABLE"), answer.body
            assert int(answer["retry-after"]) > 0
        (disk / "ballast").unlink()
        assert check(client, writers) > 0
        assert set(titles(client).values()) == {1}
        martlet.stop()
