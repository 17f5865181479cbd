"""Many people do all sorts of things at once, on one node or two, and now and then a node is killed. Afterwards everything that is counted
is what it counts, every order holds what it orders, and the log tells of each thing once. MIXED_SECONDS says how long, MIXED_PEOPLE how many."""

import contextlib
import http.client
import json
import os
import random
import sqlite3
import threading
import time
import uuid

import pytest

from accounts import PASSWORD
from desks import ENGINES, UNLIMITED, Client, database, psql, sign_in
from files import send
from martlet import Martlet

SECONDS = int(os.environ.get("MIXED_SECONDS", "12"))
PEOPLE = int(os.environ.get("MIXED_PEOPLE", "16"))
# How often a node is killed.
PAUSE = max(4, SECONDS / 12)
TAGS = ["Printer", "printer", "PRINTER", "toner", "Toner", "Café", "Cafe\u0301", "billing", "urgent"]
STATUSES = ["open", "in_progress", "pending", "resolved", "closed"]

# What each finds must be nothing. `{pg}` and `{lite}` stand before what only that engine is asked.
INVARIANTS = {
    "counts of comments": """
        SELECT count(*) FROM tickets t WHERE comment_count <> (
            SELECT count(*) FROM comments c WHERE c.ticket_id = t.id AND c.deleted_at IS NULL)
        OR shown_comment_count <> (
            SELECT count(*) FROM comments c WHERE c.ticket_id = t.id AND c.deleted_at IS NULL AND NOT c.is_private)""",
    "order of last changes": """
        SELECT count(*) FROM tickets t WHERE (deleted_at IS NULL) <> EXISTS (
            SELECT 1 FROM tickets_by_change b WHERE b.ticket_number = t.number AND b.status = t.status AND b.updated_at = t.updated_at)""",
    "rows of that order": """
        SELECT (SELECT count(*) FROM tickets_by_change) - (SELECT count(*) FROM tickets WHERE deleted_at IS NULL)""",
    "loads": """
        SELECT count(*) FROM people p WHERE open_tickets <> (
            SELECT count(*) FROM tickets t WHERE t.assignee_id = p.id AND t.deleted_at IS NULL
            AND t.status IN ('open', 'in_progress', 'pending'))""",
    "tags of tickets": """
        SELECT count(*) FROM tickets t WHERE {length} <> (SELECT count(*) FROM ticket_tags g WHERE g.ticket_number = t.number)""",
    "tags without a spelling": "SELECT count(*) FROM ticket_tags g WHERE NOT EXISTS (SELECT 1 FROM tags k WHERE k.key = g.tag)",
    "the log's tickets": """
        SELECT count(*) FROM tickets t WHERE 1 <> (
            SELECT count(*) FROM events e WHERE e.ticket_id = t.id AND e.type = 'ticket.created')""",
    "the log's comments": """
        SELECT count(*) FROM comments c WHERE 1 <> (
            SELECT count(*) FROM events e WHERE e.ticket_id = c.ticket_id AND e.object_id = c.id AND e.type = 'comment.created')""",
    "the log's last status": """
        SELECT count(*) FROM tickets t WHERE t.status_since < t.created_at OR (t.reopenings > 0 AND t.first_resolved_at IS NULL)
            OR (t.status IN ('resolved', 'closed') AND t.last_resolved_at IS NULL)""",
    "uses of files": """
        SELECT count(*) FROM blobs b WHERE refs <> (SELECT count(*) FROM attachments a WHERE a.digest = b.digest)""",
    "quotas": """
        SELECT count(*) FROM upload_totals u WHERE bytes <> (
            SELECT COALESCE(sum(a.size), 0) FROM attachments a WHERE a.uploader_id = u.person_id)""",
    "those who have gone": "SELECT count(*) FROM departures",
    "tickets of those who have gone": """
        SELECT count(*) FROM tickets t JOIN people p ON p.id = t.assignee_id
        WHERE t.deleted_at IS NULL AND (p.is_active = FALSE OR p.role NOT IN ('agent', 'admin'))""",
    "names of those who were deleted": "SELECT count(*) FROM people_words w JOIN people p ON p.id = w.person_id WHERE p.deleted_at IS NOT NULL",
}


def found(engine, url):
    length = "json_array_length(tags)" if engine == "sqlite" else "jsonb_array_length(tags::jsonb)"
    wrong = {}
    if engine == "postgres":
        for name, query in INVARIANTS.items():
            if (count := psql(url, query.format(length=length))) != "0":
                wrong[name] = count
        return wrong
    with contextlib.closing(sqlite3.connect(f"file:{url.removeprefix('sqlite:')}?mode=ro", uri=True)) as connection:
        connection.create_collation("C", lambda one, other: (one.encode() > other.encode()) - (one.encode() < other.encode()))
        for name, query in INVARIANTS.items():
            if (count := connection.execute(query.format(length=length)).fetchone()[0]) != 0:
                wrong[name] = count
        if (said := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            wrong["integrity"] = said
    return wrong


class Somebody(threading.Thread):
    """Does one thing after the other, at whichever node answers."""

    shared = threading.Lock()
    tickets, articles = [], []

    def __init__(self, nodes, number, role, token, people):
        super().__init__(daemon=True)
        self.nodes, self.role, self.token, self.people = nodes, role, token, people
        self.chance = random.Random(number)
        self.done, self.refused, self.faults = 0, 0, []
        self.comments, self.files = [], []
        self.ends = threading.Event()

    def run(self):
        acts = [self.open, self.write, self.write, self.read, self.edit, self.move, self.upload, self.rename, self.search, self.take_away]
        if self.role != "customer":
            acts += [self.triage, self.triage, self.bulk, self.article]
        if self.role == "admin":
            acts += [self.hire_and_fire, self.bin]
        while not self.ends.is_set():
            try:
                self.chance.choice(acts)()
            except (OSError, http.client.HTTPException):
                # A node was killed in the midst of it.
                self.ends.wait(0.1)

    def ask(self, method, path, body=None, expected=(200, 201, 204), **fields):
        client = Client(self.chance.choice(self.nodes), self.token)
        try:
            answer = client.request(method, path, body, **fields)
        finally:
            client.close()
        self.done += 1
        if answer.status not in expected:
            self.refused += 1
            # Others are at the same things: what is gone, stale or moved on meanwhile is refused. A node that goes says 503.
            if answer.status not in (400, 403, 404, 409, 412, 413, 422, 503):
                self.faults.append(f"{method} {path}: {answer.status} {answer.body[:200]}")
            return None
        return answer.json if answer.body else {}

    def key(self):
        return {"idempotency_key": uuid.uuid4().hex}

    def some_ticket(self):
        with self.shared:
            return self.chance.choice(self.tickets) if self.tickets else None

    def open(self):
        ticket = self.ask("POST", "/tickets", {"title": uuid.uuid4().hex, "description": "It burns.",
                                               **({} if self.role == "customer" else {"tags": self.chance.sample(TAGS, 2)})}, **self.key())
        if ticket:
            with self.shared:
                self.tickets.append(ticket["id"])

    def write(self):
        ticket = self.some_ticket()
        if not ticket:
            return self.open()
        body = {"content": f"I see. {uuid.uuid4().hex}"}
        if self.role != "customer" and self.chance.random() < 0.4:
            body["comment_type"] = "private"
        if self.files and self.chance.random() < 0.5:
            body["attachments"] = [self.files.pop()]
        comment = self.ask("POST", f"/tickets/{ticket}/comments", body, **self.key())
        if comment:
            self.comments.append((ticket, comment["id"]))

    def edit(self):
        if self.comments:
            ticket, comment = self.chance.choice(self.comments)
            self.ask("PATCH", f"/tickets/{ticket}/comments/{comment}", {"content": "No, " + "e" * self.chance.randrange(2_000)}, **self.key())

    def take_away(self):
        if self.comments and self.chance.random() < 0.3:
            ticket, comment = self.comments.pop(self.chance.randrange(len(self.comments)))
            self.ask("DELETE", f"/tickets/{ticket}/comments/{comment}", **self.key())

    def read(self):
        for path in ("/tickets?limit=20", "/tickets/my", "/events?limit=50", "/notifications", f"/tickets/{self.some_ticket()}?include=comments,history"):
            self.ask("GET", path)
        if self.chance.random() < 0.2:
            self.ask("POST", "/notifications/read-all")

    def move(self):
        if ticket := self.some_ticket():
            self.ask("PATCH", f"/tickets/{ticket}", {"status": self.chance.choice(STATUSES)}, **self.key())

    def upload(self):
        node = Client(self.chance.choice(self.nodes), self.token)
        answer = send(node, os.urandom(self.chance.randrange(1, 2_000)), "notes.txt", "text/plain")
        if answer.status == 201:
            self.files.append(answer.json["id"])

    def rename(self):
        self.ask("PATCH", "/me", {"first_name": self.chance.choice(["Erin", "Rémy", "Zoë", "Kim"])})

    def search(self):
        self.ask("GET", "/search/tickets?query=" + self.chance.choice(["burns", "see", "erin", "tag:printer", "zoe+burns"]))

    def triage(self):
        if ticket := self.some_ticket():
            self.ask("PATCH", f"/tickets/{ticket}", self.chance.choice([
                {"assignee": self.chance.choice(self.people["agent"] + self.people["temporary"])}, {"assignee": None}, {"priority": "high"},
                {"tags": self.chance.sample(TAGS, 3)}, {"tags": []}]), **self.key())

    def bulk(self):
        ids = [ticket for ticket in (self.some_ticket() for _ in range(5)) if ticket]
        if ids:
            self.ask("POST", "/tickets/bulk", {"ids": list(set(ids)), "set": {"add_tags": self.chance.sample(TAGS, 2), "status": self.chance.choice(STATUSES)}},
                     **self.key())

    def article(self):
        article = self.ask("POST", "/knowledge-base", {"title": uuid.uuid4().hex, "content": "Like this.", "tags": self.chance.sample(TAGS, 2),
                                                       "is_published": True}, **self.key())
        if article:
            self.ask("PATCH", f"/knowledge-base/{article['id']}", {"content": "Like that."}, **self.key())

    def hire_and_fire(self):
        agent = self.chance.choice(self.people["temporary"])
        self.ask("PATCH", f"/users/{agent}", {"is_active": self.chance.random() < 0.6}, **self.key())
        if self.chance.random() < 0.2 and self.people["spare"]:
            with self.shared:
                person = self.people["spare"].pop() if self.people["spare"] else None
            if person:
                self.ask("DELETE", f"/users/{person}", **self.key())

    def bin(self):
        if ticket := self.some_ticket():
            self.ask("DELETE", f"/tickets/{ticket}", **self.key())
            if self.chance.random() < 0.7:
                self.ask("POST", f"/tickets/{ticket}/restore", **self.key())


def hired(admin, role, number):
    name = f"{role}{number}.{uuid.uuid4().hex[:8]}"
    made = admin.post("/users", {"email": f"{name}@example.com", "username": name, "password": PASSWORD, "first_name": "N", "last_name": "N", "role": role})
    assert made.status == 201, made.body
    return name, made.json["id"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.timeout(180 + 3 * SECONDS)
def test_everything_agrees_after_mixed_use(engine, tmp_path, record_property):
    Somebody.tickets, Somebody.articles = [], []
    with database(engine, tmp_path) as url, contextlib.ExitStack() as stack:
        def node(name):
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            return Martlet(folder, DEMO="on", DATABASE_URL=url, AUTO_ASSIGN="least_loaded", JWT_SECRET="s" * 40, **UNLIMITED)

        names = ["one"] if engine == "sqlite" else ["one", "two"]
        nodes = [node(name) for name in names]
        stack.callback(lambda: [each.stop() for each in nodes if each.process.poll() is None])
        admin = Client(nodes[0], sign_in(nodes[0], "carol", "carol123")["access_token"])
        # Those who are hired and fired; the others' sign-ins stay good.
        temporary = [hired(admin, "agent", 100 + number)[1] for number in range(4)]
        people = {"agent": [], "temporary": temporary, "spare": [hired(admin, "customer", number)[1] for number in range(20)]}
        workers = []
        for number in range(PEOPLE):
            role = ["customer", "customer", "agent", "customer"][number % 4]
            name, id = hired(admin, role, number)
            if role == "agent":
                people["agent"].append(id)
            workers.append(Somebody(nodes, number, role, sign_in(nodes[0], name, PASSWORD)["access_token"], people))
        workers.append(Somebody(nodes, PEOPLE, "admin", admin.token, people))
        for worker in workers:
            worker.start()
        chance, end, kills = random.Random(7), time.monotonic() + SECONDS, 0
        while time.monotonic() < end - PAUSE / 2:
            time.sleep(PAUSE)
            index = chance.randrange(len(nodes))
            nodes[index].kill()
            nodes[index] = node(names[index])
            kills += 1
        for worker in workers:
            worker.ends.set()
        for worker in workers:
            worker.join(30)
            assert not worker.is_alive()
        faults = [fault for worker in workers for fault in worker.faults]
        assert faults == [], faults[:5]
        # What is seen to in steps, and what the log's readers make of it, comes after.
        deadline = time.monotonic() + 30
        while found(engine, url) and time.monotonic() < deadline:
            time.sleep(0.5)
        done, refused = sum(worker.done for worker in workers), sum(worker.refused for worker in workers)
        for name, figure in (("requests", done), ("refused", refused), ("kills", kills)):
            record_property(name, figure)
        print(engine, json.dumps({"requests": done, "refused": refused, "kills": kills, "tickets": len(Somebody.tickets)}))
        assert found(engine, url) == {}
        assert done - refused > 20 * SECONDS
