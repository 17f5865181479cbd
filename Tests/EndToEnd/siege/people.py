"""Twenty people who only want to work: they open tickets, write and read, look at what happens, and note how long each answer took."""

import http.client
import json
import random
import threading
import time
import uuid

from accounts import PASSWORD

# Between two requests: all together make some sixty a second, far below each one's limit.
PAUSE = (0.2, 0.45)
# A database that was cut off is answered 503, and a client asks again as `Retry-After` says.
PATIENCE = 5


class Person(threading.Thread):
    """A customer with an address of their own. Each change carries an idempotency key, so it may be sent again."""

    def __init__(self, martlet, address, may_be_cut_off=False):
        super().__init__(daemon=True)
        self.martlet, self.address, self.may_be_cut_off = martlet, address, may_be_cut_off
        self.connection = None
        self.chance = random.Random(address)
        self.tickets, self.comments = {}, {}
        self.times, self.errors, self.repeated = [], [], 0
        self.works = threading.Event()
        self.ends = threading.Event()
        email = f"{uuid.uuid4().hex}@example.com"
        signed = self.ask("POST", "/auth/register", {"email": email, "password": PASSWORD, "first_name": "Honest", "last_name": "Person"})
        self.token, self.refresh, self.signed_at = signed["access_token"], signed["refresh_token"], time.monotonic()

    def run(self):
        while not self.ends.is_set():
            if not self.works.wait(0.1):
                continue
            try:
                self.chance.choice([self.open, self.write, self.write, self.read, self.list, self.look, self.health])()
            except AssertionError as fault:
                self.errors.append(str(fault)[:300])
            time.sleep(self.chance.uniform(*PAUSE))

    def open(self):
        title = uuid.uuid4().hex
        ticket = self.ask("POST", "/tickets", {"title": title, "description": "It burns."}, key=title)
        self.tickets[ticket["id"]] = title

    def write(self):
        if not self.tickets:
            return self.open()
        ticket, content = self.chance.choice(list(self.tickets)), uuid.uuid4().hex
        comment = self.ask("POST", f"/tickets/{ticket}/comments", {"content": content}, key=content)
        self.comments[comment["id"]] = (ticket, content)

    def read(self):
        if self.tickets:
            self.ask("GET", f"/tickets/{self.chance.choice(list(self.tickets))}?include=comments")

    def list(self):
        self.ask("GET", "/tickets/my?limit=20")

    def look(self):
        self.ask("GET", "/notifications")

    def health(self):
        self.ask("GET", "/health")

    def sign_in_again(self):
        """An access token lives a quarter of an hour."""
        signed = self.ask("POST", "/auth/refresh", {"refresh_token": self.refresh})
        self.token, self.refresh, self.signed_at = signed["access_token"], signed["refresh_token"], time.monotonic()

    def ask(self, method, path, body=None, key=None):
        """The answer, which must be a good one."""
        if getattr(self, "token", None) and time.monotonic() - self.signed_at > 600 and path != "/auth/refresh":
            self.sign_in_again()
        headers = {"content-type": "application/json"} if body is not None else {}
        if getattr(self, "token", None):
            headers["authorization"] = f"Bearer {self.token}"
        if key:
            headers["idempotency-key"] = key
        for _ in range(PATIENCE):
            status, answer, seconds = self.once(method, path, body, headers)
            if status == 503 and self.may_be_cut_off:
                self.repeated += 1
                time.sleep(int(answer.getheader("retry-after") or 1))
                continue
            break
        self.times.append((f"{method} {path.split('?')[0].split('/')[1]}", seconds))
        assert status in (200, 201), f"{method} {path}: {status} {answer.content[:200]}"
        return json.loads(answer.content)

    def once(self, method, path, body, headers):
        """A kept connection may have been ended by the server while it was idle, so an unused one is tried once more."""
        for attempt in (1, 2):
            fresh = self.connection is None
            if fresh:
                self.connection = http.client.HTTPConnection(self.martlet.host, self.martlet.port, timeout=30, source_address=(self.address, 0))
            begun = time.monotonic()
            try:
                self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
                answer = self.connection.getresponse()
                answer.content = answer.read()
                return answer.status, answer, time.monotonic() - begun
            except (OSError, http.client.HTTPException) as fault:
                self.connection.close()
                self.connection = None
                assert not fresh and attempt == 1, f"{method} {path}: {fault!r}"

    # What must hold at the end

    def all_items(self, path):
        found, cursor = [], ""
        while cursor is not None:
            page = self.ask("GET", f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
            found += page["items"]
            cursor = f"&cursor={page['next']}" if page["next"] else None
        return found

    def check(self):
        """Everything that was acknowledged is there, nothing is there twice, and the log tells of each thing once and in its order."""
        tickets = self.all_items("/tickets/my")
        titles = [ticket["title"] for ticket in tickets]
        assert set(self.tickets.values()) <= set(titles) and len(titles) == len(set(titles))
        contents = []
        for ticket in tickets:
            kept = self.all_items(f"/tickets/{ticket['id']}/comments")
            assert ticket["comment_count"] == len(kept)
            contents += [comment["content"] for comment in kept]
        assert {content for _, content in self.comments.values()} <= set(contents) and len(contents) == len(set(contents))
        events = self.all_items("/events")
        numbers = [event["seq"] for event in events]
        assert numbers == sorted(set(numbers))
        opened = [event["ticket_id"] for event in events if event["type"] == "ticket.created"]
        assert sorted(opened) == sorted(ticket["id"] for ticket in tickets)
        assert sum(event["type"] == "comment.created" for event in events) == len(contents)


def at_work(people, seconds):
    """Has them work for so long, and answers how long the answers took."""
    for person in people:
        person.times.clear()
        person.works.set()
    time.sleep(seconds)
    for person in people:
        person.works.clear()
    time.sleep(1)
    return sorted(taken for person in people for _, taken in list(person.times))


def slowest_by_kind(people):
    """The slowest hundredth of their last answers in milliseconds, by what was asked."""
    kinds = {}
    for kind, taken in [time for person in people for time in person.times]:
        kinds.setdefault(kind, []).append(taken)
    return {kind: round(quantile(sorted(times), 0.99) * 1000, 1) for kind, times in kinds.items()}


def quantile(times, part):
    return times[min(len(times) - 1, int(len(times) * part))]
