"""A desk to ask: a server in demo mode on one of the two engines, and somebody of each kind who is signed in there."""

import contextlib
import http.client
import json
import os
import subprocess
import uuid

import pytest

from accounts import PASSWORD
from martlet import TOKEN, Answer, Martlet

ENGINES = ["sqlite", "postgres"]

# A desk's limits would count all tests as one caller.
UNLIMITED = {"RATE_LIMIT": 0, "AUTH_RATE_LIMIT": 0, "WRITE_BUDGET_MB": 0}


class Client:
    """Somebody who asks. Their credential goes with every request, over a connection that is kept."""

    def __init__(self, martlet, token=None):
        self.martlet, self.token = martlet, token
        self.connection = None

    def get(self, path, **fields):
        return self.request("GET", path, **fields)

    def head(self, path, **fields):
        return self.request("HEAD", path, **fields)

    def post(self, path, body=None, **fields):
        return self.request("POST", path, body, **fields)

    def put(self, path, body=None, **fields):
        return self.request("PUT", path, body, **fields)

    def patch(self, path, body=None, **fields):
        return self.request("PATCH", path, body, **fields)

    def delete(self, path, body=None, **fields):
        return self.request("DELETE", path, body, **fields)

    def request(self, method, path, body=None, **fields):
        """A body that is neither bytes nor text goes as JSON. Field names in Python's spelling: `if_match`."""
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        if self.token:
            headers.setdefault("authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("content-type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.martlet.host, self.martlet.port, timeout=20)
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            result = Answer(answer.status, answer.getheaders(), answer.read())
        except BaseException:
            self.close()
            raise
        return result

    def begins(self, path):
        """The status of an answer that has no end, over a connection of its own."""
        connection = http.client.HTTPConnection(self.martlet.host, self.martlet.port, timeout=20)
        try:
            connection.request("GET", path, headers={"authorization": f"Bearer {self.token}"} if self.token else {})
            return connection.getresponse().status
        finally:
            connection.close()

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def sign_in(martlet, name, password):
    """The answer to a sign-in, tokens and all."""
    answer = Client(martlet).post("/auth/login", {"email": name, "password": password})
    assert answer.status == 200, answer.body
    return answer.json


class Desk:
    """The demo's people: `customer` is alice, `agent` bob, `admin` carol. `other` is a customer of the test's own, `colleague` an agent."""

    def __init__(self, martlet, engine):
        self.martlet, self.engine = martlet, engine
        self.anonymous = Client(martlet)
        self.customer = self.signed_in("alice", "alice123")
        self.agent = self.signed_in("bob", "bob123")
        self.admin = self.signed_in("carol", "carol123")
        self.other = self.register("Olga", "Other")
        self.colleague = self.register("Carl", "Colleague", role="agent")

    def signed_in(self, name, password):
        signed = sign_in(self.martlet, name, password)
        client = Client(self.martlet, signed["access_token"])
        client.id, client.refresh = signed["user"]["id"], signed["refresh_token"]
        return client

    def register(self, first, last, role="customer", password="correct horse battery"):
        """Somebody new, by the admin's word: what staff open for them is theirs."""
        email = f"{first.lower()}.{uuid.uuid4().hex[:12]}@example.com"
        body = {"email": email, "password": password, "first_name": first, "last_name": last}
        answer = self.admin.post("/auth/register", body | {"role": role})
        assert answer.status == 201, answer.body
        client = self.signed_in(email, password)
        client.email, client.password = email, password
        return client

    def tell_nobody(self):
        """Nobody gets notifications: for tests of what happens to tickets, among whose events they would come at any moment."""
        off = {name: {"in_app": False} for name in ("assigned", "replied", "mentioned", "status_changed")}
        for client in (self.customer, self.other, self.agent, self.colleague, self.admin):
            assert client.patch("/me/preferences", off).status == 200

    def ticket(self, client=None, **fields):
        """A new ticket, alice's unless somebody else is named."""
        answer = (client or self.customer).post("/tickets", {"title": "Printer on fire", "description": "It burns."} | fields)
        assert answer.status == 201, answer.body
        return answer.json

    def comment(self, ticket, client=None, **fields):
        answer = (client or self.customer).post(f"/tickets/{ticket['id']}/comments", {"content": "It still burns."} | fields)
        assert answer.status == 201, answer.body
        return answer.json


class Staffed(Desk):
    """A desk whose people registered themselves, and nothing else is there."""

    def __init__(self, martlet, engine):
        self.martlet, self.engine = martlet, engine
        self.anonymous = Client(martlet)
        self.customer, self.other = self.person("alice", "customer"), self.person("olga", "customer")
        self.agent, self.colleague = self.person("bob", "agent"), self.person("carl", "agent")
        self.admin = self.person("carol", "admin")

    def person(self, name, role):
        email = f"{name}@example.com"
        answer = self.anonymous.post("/register", {"username": name, "email": email, "password": PASSWORD, "role": role})
        assert answer.status == 201, answer.body
        client = self.signed_in(email, PASSWORD)
        client.email = email
        return client


def refused(answer, status, error):
    """The answer, which must be that refusal."""
    assert (answer.status, answer.json["error"]) == (status, error), answer.body
    assert answer.json["request_id"] == answer["x-request-id"]
    return answer


def psql(url, command):
    done = subprocess.run(["psql", "--no-psqlrc", "-qtA", "-v", "ON_ERROR_STOP=1", url, "-c", command], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextlib.contextmanager
def database(engine, folder):
    """The `DATABASE_URL` of a new database, which is gone afterwards."""
    if engine == "sqlite":
        yield f"sqlite:{folder}/martlet.db"
        return
    server = os.environ.get("MARTLET_TEST_POSTGRES")
    if not server:
        pytest.skip("MARTLET_TEST_POSTGRES names no server")
    name = f"martlet_{uuid.uuid4().hex}"
    psql(server, f"CREATE DATABASE {name}")
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        psql(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def running_desk(engine, folder, **settings):
    with database(engine, folder) as url:
        martlet = Martlet(folder, DEMO="on", DATABASE_URL=url, METRICS_TOKEN=TOKEN, **(UNLIMITED | settings))
        try:
            desk = Desk(martlet, engine)
            desk.url = url
            yield desk
        finally:
            martlet.stop()


@contextlib.contextmanager
def staffed_desk(engine, folder, **settings):
    """A desk without the demo's data."""
    with database(engine, folder) as url:
        martlet = Martlet(folder, DATABASE_URL=url, ALLOW_STAFF_REGISTRATION="on", METRICS_TOKEN=TOKEN,
                          PUBLIC_URL="https://desk.example", **(UNLIMITED | settings))
        try:
            desk = Staffed(martlet, engine)
            desk.url = url
            yield desk
        finally:
            martlet.stop()
