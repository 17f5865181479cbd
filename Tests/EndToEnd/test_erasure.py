"""Who is deleted is in no byte of the database any more, whatever they were called; and a row that cannot be read stops nobody."""

import contextlib
import pathlib
import sqlite3
import subprocess
import time
import uuid

import pytest

from accounts import PASSWORD
from desks import ENGINES, Client, psql, running_desk, sign_in
from files import upload

WORDS = ["Quirinus", "Vogelsang", "Zappelin", "Ottilie", "Habicht", "Nachtigall"]


def whole_database(engine, url):
    """All bytes that are kept, once the server has stopped."""
    if engine == "sqlite":
        path = pathlib.Path(url.removeprefix("sqlite:"))
        return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    dump = subprocess.run(["pg_dump", "--no-owner", url], capture_output=True, timeout=60)
    assert dump.returncode == 0, dump.stderr
    return dump.stdout


def words_in(content):
    return [word for word in WORDS if word.encode() in content or word.lower().encode() in content]


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.1)


def query(desk, text):
    if desk.engine == "postgres":
        return psql(desk.url, text)
    with contextlib.closing(sqlite3.connect(desk.url.removeprefix("sqlite:"))) as database:
        database.execute("PRAGMA secure_delete = ON")
        rows = database.execute(text).fetchall()
        database.commit()
        return str(rows[0][0]) if rows else ""


def key():
    return {"idempotency_key": uuid.uuid4().hex}


@pytest.mark.parametrize("engine", ENGINES)
def test_no_byte_tells_of_who_is_deleted(engine, tmp_path):
    with running_desk(engine, tmp_path) as desk:
        said = {"email": "quirinus.vogelsang@example.com", "username": "quirinus", "password": PASSWORD, "first_name": "Quirinus", "last_name": "Vogelsang"}
        customer = Client(desk.martlet, desk.anonymous.post("/auth/register", said).json["access_token"])
        hired = desk.admin.post("/users", {
            "email": "ottilie.habicht@example.com", "username": "ottilie", "password": PASSWORD, "first_name": "Ottilie", "last_name": "Habicht",
            "role": "agent"})
        assert hired.status == 201, hired.body
        agent = Client(desk.martlet, sign_in(desk.martlet, "ottilie", PASSWORD)["access_token"])
        people = {name: client.get("/me").json["id"] for name, client in (("customer", customer), ("agent", agent))}

        ticket = customer.post("/tickets", {"title": "Printer on fire", "description": "It burns."}, **key()).json
        place = f"/tickets/{ticket['id']}"
        assert desk.admin.patch(place, {"assignee": people["agent"]}, **key()).status == 200
        file = upload(customer, b"leaves", "Vogelsang.txt")["id"]
        for client in (customer, agent):
            assert client.post(f"{place}/comments", {"content": "Me too", "attachments": [file] if client is customer else []}, **key()).status == 201
        for person, name in ((people["customer"], "Zappelin"), (people["agent"], "Nachtigall")):
            assert desk.admin.patch(f"/users/{person}", {"last_name": name, "email": f"{name}@example.com"}, **key()).status == 200
        for client in (customer, agent):
            assert client.post(f"{place}/comments", {"content": "Still"}, **key()).status == 201
        assert desk.agent.post(f"{place}/comments", {"content": "We look at it."}, **key()).status == 201
        wait_until(lambda: query(desk, "SELECT count(*) FROM notifications") != "0")
        history = desk.admin.get(f"{place}/history").body.decode()
        assert "Nachtigall" in history and "Habicht" not in history
        found = desk.agent.get("/search/tickets?query=zappelin").json["items"]
        assert [item["id"] for item in found] == [ticket["id"]]

        for person in people.values():
            assert desk.admin.delete(f"/users/{person}").status == 204
        assert desk.agent.get("/search/tickets?query=zappelin").json["items"] == []
        wait_until(lambda: query(desk, "SELECT count(*) FROM departures") == "0")
        kept = desk.admin.get(place)
        assert kept.json["requester"]["name"] == "Deleted user" and kept.json["assignee"] is None
        comments = desk.admin.get(f"{place}/comments").json["items"]
        assert [comment["content"] for comment in comments] == ["Me too", "Me too", "Still", "Still", "We look at it."]
        assert [file["name"] for comment in comments for file in comment["attachments"]] == ["file"]
        events = desk.admin.get("/events?limit=100").body
        assert words_in(events) == [] and b"Deleted user" in events
        # Answers to others' requests may name them for two days; nothing else does.
        query(desk, "DELETE FROM answers")
        desk.martlet.stop()
        left = words_in(whole_database(engine, desk.url))
        assert left == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_cannot_be_read_stops_nobody(engine, tmp_path):
    with running_desk(engine, tmp_path) as desk:
        ticket = desk.ticket()
        place = f"/tickets/{ticket['id']}"
        seq = query(desk, "SELECT max(seq) FROM events")
        query(desk, f"UPDATE events SET data = 'something that is no JSON' WHERE seq = {seq}")
        query(desk, "UPDATE tickets SET channel = 'telepathy'")
        assert desk.agent.post(f"{place}/comments", {"content": "Seen."}).status == 201
        events = desk.admin.get(f"{place}/events")
        assert events.status == 200 and "comment.created" in [event["type"] for event in events.json["items"]]
        assert [event["data"] for event in events.json["items"] if event["seq"] == int(seq)] == [None]
        assert desk.agent.get(place).json["channel"] == "api"
        wait_until(lambda: desk.customer.get("/notifications").json["items"])
        wait_until(lambda: any("cannot read" in str(line) and "telepathy" in str(line) for line in desk.martlet.lines))
        assert any(f"event {seq}" in str(line) for line in desk.martlet.lines)
