"""What `/health/ready` and the log say when the database is not what it should be. Most requests may still be answered from memory then, which is
why somebody must say so."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import time

import pytest

from accounts import PASSWORD
from desks import Client, database, psql, running_desk, sign_in
from martlet import Martlet


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"it did not come to be within {seconds} seconds")


def reasons(martlet):
    """Status and reasons, as an operator on this machine reads them."""
    answer = martlet.get("/health/ready")
    return answer.status, answer.json.get("reasons") or []


def logged(martlet, reason):
    """The lines that say so."""
    return [line for line in martlet.lines if line["message"] in ("NOT READY", "something does not work") and line["reason"] == reason]


@pytest.fixture
def sqlite(tmp_path):
    with running_desk("sqlite", tmp_path) as desk:
        desk.path = tmp_path / "martlet.db"
        yield desk


def test_a_damaged_database_is_told_and_logged_once(tmp_path):
    with running_desk("sqlite", tmp_path):
        pass
    path = tmp_path / "martlet.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        page, size = connection.execute("SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = 'articles'").fetchone()
    with open(path, "r+b") as file:
        # What the start reads stays, so that the server starts.
        file.seek((page - 1) * size)
        file.write(os.urandom(size))
    martlet = Martlet(tmp_path, DATABASE_URL=f"sqlite:{path}", RATE_LIMIT=0, AUTH_RATE_LIMIT=0)
    try:
        client = Client(martlet)
        reason = "The database is damaged: restore a backup, then restart the server"

        def is_told():
            for path in ("/knowledge-base", "/help/sitemap.xml", "/knowledge-base?count=true"):
                client.get(path)
            client.post("/auth/login", {"email": "alice", "password": "alice123"})
            client.post("/auth/register", {"email": "a@example.com", "password": PASSWORD, "first_name": "A", "last_name": "B"})
            return reasons(martlet) == (503, [reason])

        until(is_told)
        until(lambda: logged(martlet, reason))
        for _ in range(30):
            assert reasons(martlet)[0] == 503
        time.sleep(4.5)
        assert len(logged(martlet, reason)) == 1, "once, however long it lasts"
        line = logged(martlet, reason)[0]
        assert line["level"] == "error" and line["message"] == "NOT READY"
    finally:
        martlet.kill()


@pytest.mark.parametrize("end", ["", "-wal"])
def test_a_change_is_not_acknowledged_into_a_file_that_was_removed(sqlite, end):
    assert reasons(sqlite.martlet) == (200, [])
    os.unlink(f"{sqlite.path}{end}")
    answer = sqlite.customer.post("/tickets", {"title": "Lost", "description": "It burns."})
    assert (answer.status, answer.json["error"]) == (503, "UNAVAILABLE"), answer.body
    assert answer.json["message"] == "The database cannot be reached now: please try again"
    status, found = reasons(sqlite.martlet)
    assert status == 503 and "removed or replaced" in found[0]
    until(lambda: logged(sqlite.martlet, found[0]))
    refused = [line for line in sqlite.martlet.lines if line["message"] == "the database refused requests"]
    assert refused and "its file was removed or replaced" in refused[0]["fault"]
    # Nobody but an operator is told why.
    assert "reasons" not in sqlite.martlet.get("/health/ready", x_forwarded_for="203.0.113.9").json


@contextlib.contextmanager
def session(url, *commands):
    """A session of PostgreSQL's own client that does these, and then holds what it has until it is ended."""
    held = subprocess.Popen(["psql", "--no-psqlrc", "-qtA", "-v", "ON_ERROR_STOP=1", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        held.stdin.write("".join(f"{command};\n" for command in commands) + "\\echo ready\n")
        held.stdin.flush()
        while (line := held.stdout.readline()) != "ready\n":
            assert line, "psql ended"
        yield held
    finally:
        held.kill()
        held.wait(10)
        held.stdin.close()
        held.stdout.close()


def test_a_log_that_stands_still_is_told(tmp_path):
    with running_desk("postgres", tmp_path) as desk:
        desk.ticket()
        until(lambda: reasons(desk.martlet) == (200, []))
        with session(desk.url, "BEGIN", "SELECT pg_current_xact_id()"):
            # A number that was drawn and never comes.
            psql(desk.url, "SELECT nextval('events_seq_seq')")
            desk.ticket()
            reason = "The event log stands still: a transaction of this database stays open"
            until(lambda: reasons(desk.martlet) == (200, [reason]))
            assert desk.martlet.get("/health/ready").json["status"] == "degraded"
            until(lambda: logged(desk.martlet, reason))
        until(lambda: reasons(desk.martlet) == (200, []))
        until(lambda: any(line["message"] == "this is over" and line["reason"] == reason for line in desk.martlet.lines))


def test_a_transaction_of_another_database_holds_up_nobody(tmp_path):
    with database("postgres", tmp_path) as foreign, running_desk("postgres", tmp_path) as desk:
        with session(foreign, "BEGIN", "SELECT pg_current_xact_id()"):
            psql(desk.url, "SELECT nextval('events_seq_seq')")
            ticket = desk.ticket()
            until(lambda: ticket["id"] in str(desk.agent.get("/events?after=0&limit=100").json))
            (tmp_path / "two").mkdir()
            node = Martlet(tmp_path / "two", DATABASE_URL=desk.url, RATE_LIMIT=0, AUTH_RATE_LIMIT=0)
            try:
                until(lambda: Client(node, desk.agent.token).begins("/events/stream") == 200)
                assert reasons(node) == (200, [])
            finally:
                node.stop()
