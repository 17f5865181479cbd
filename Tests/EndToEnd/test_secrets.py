"""What is secret is where it must be and nowhere else: every way to sign in is gone, well and badly, and then no password, token, key
or code of it is in the log, the metrics, an error, or the database.

What must be had again is sealed with the desk's secret, which stands in the settings: that of an authenticator app, and the link of a mail
that is not out yet."""

import base64
import hashlib
import hmac
import json
import sqlite3
import struct
import subprocess
import time
import uuid

import pytest

from desks import ENGINES, Client, psql, running_desk
from martlet import BINARY
from outbox import mailed_links
from test_permissions import token_of_theirs

DELEGATED = "a-secret-shared-with-a-backend"
OWN = "a-secret-that-signs-our-own-tokens"


class Teller(Client):
    """A client that keeps what it was refused with."""

    errors = []

    def request(self, method, path, body=None, **fields):
        answer = super().request(method, path, body, **fields)
        if answer.status >= 400:
            self.errors.append(answer.body + repr(answer.fields).encode())
        return answer


def code(secret, at):
    """The six digits that an authenticator app shows (RFC 6238)."""
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Story:
    """What happens to one person, and all that is secret about it."""

    def __init__(self, desk, url):
        self.desk, self.url, self.secrets = desk, url, {"own": OWN, "delegated": DELEGATED}
        self.client, self.email = Teller(desk.martlet), f"{uuid.uuid4().hex}@example.com"

    def keep(self, name, secret):
        assert len(secret) >= 8
        self.secrets[f"{name} {len(self.secrets)}"] = secret
        return secret

    def password(self):
        return self.keep("password", f"pass {uuid.uuid4().hex}")

    def ask(self, status, method, path, body=None, **fields):
        answer = self.client.request(method, path, body, **fields)
        assert answer.status == status, (method, path, answer.body)
        if answer.status == 204:
            return None
        for name in ("access_token", "refresh_token", "token", "key", "secret"):
            if isinstance(answer.json.get(name), str):
                self.keep(name, answer.json[name])
        return answer.json

    def signed_in(self, answer):
        self.client = Teller(self.desk.martlet, answer["access_token"])
        self.refresh = answer["refresh_token"]

    def registers(self):
        self.now = self.password()
        body = {"email": self.email, "password": self.now, "first_name": "Eve", "last_name": "Doe"}
        self.ask(400, "POST", "/auth/register", body | {"colour": "red"})
        self.ask(400, "POST", "/auth/register", body | {"password": self.keep("password", uuid.uuid4().hex * 10)})
        self.ask(400, "POST", "/auth/register", json.dumps(body)[:-1], content_type="application/json")
        self.ask(415, "POST", "/auth/register", json.dumps(body), content_type="text/plain")
        self.signed_in(self.ask(201, "POST", "/auth/register", body))
        self.ask(409, "POST", "/auth/register", body)
        self.ask(201, "POST", "/register", {"username": "Eve", "email": f"2{self.email}", "password": self.password(), "role": "customer"})

    def signs_in(self):
        anonymous = self.client = Teller(self.desk.martlet)
        self.ask(401, "POST", "/auth/login", {"email": self.email, "password": self.password()})
        self.ask(401, "POST", "/auth/login", {"email": f"nobody.{self.email}", "password": self.password()})
        # Somebody who types a password where the name belongs.
        self.ask(401, "POST", "/auth/login", {"email": self.password(), "password": self.password()})
        self.ask(200, "POST", "/login", {"email": self.email, "password": self.now})
        form = f"username={self.email}&password={self.now.replace(' ', '+')}"
        self.ask(200, "POST", "/auth/token", form, content_type="application/x-www-form-urlencoded")
        self.signed_in(self.ask(200, "POST", "/auth/login", {"email": self.email, "password": self.now}))
        self.client, signed = anonymous, self.client
        old = self.refresh
        self.signed_in(self.ask(200, "POST", "/auth/refresh", {"refresh_token": old}))
        self.client = Teller(self.desk.martlet)
        self.ask(401, "POST", "/auth/refresh", {"refresh_token": old})
        self.ask(401, "GET", "/me", authorization=f"Bearer {signed.token}")

    def puts_secrets_where_they_do_not_belong(self):
        token = self.client.token or self.refresh
        self.client = Teller(self.desk.martlet)
        for path in (f"/tickets?token={token}", f"/tickets/{token}", f"/{token}", f"/health?access_token={token}", f"/tickets/embed/{token}"):
            assert self.client.get(path).status >= 400 or "tickets?" in path
        self.ask(401, "GET", "/me", authorization=f"Basic {base64.b64encode(self.now.encode()).decode()}")
        self.ask(401, "GET", "/me", authorization=f"Bearer {token}x")
        self.ask(401, "GET", "/me", authorization=token)
        assert self.client.get("/health", user_agent=token, referer=f"https://x.example/?token={token}").status == 200

    def changes_the_password(self):
        self.signed_in(self.ask(200, "POST", "/auth/login", {"email": self.email, "password": self.now}))
        self.ask(400, "POST", "/me/password", {"current_password": self.password(), "new_password": self.password()}, idempotency_key=uuid.uuid4().hex)
        new = self.password()
        self.ask(204, "POST", "/me/password", {"current_password": self.now, "new_password": new}, idempotency_key=uuid.uuid4().hex)
        self.now = new

    def forgets_it(self):
        self.client = Teller(self.desk.martlet)
        self.ask(202, "POST", "/auth/password/forgot", {"email": self.email})
        waiting = mailed_links(self.url, secret=OWN.encode())
        assert "/verify" in waiting[0] and "/reset" in waiting[-1]
        for link in waiting:
            token = self.keep("link", link.rsplit("token=", 1)[1])
            self.ask(400, "POST", "/auth/password/reset", {"token": token, "password": "short"})
            if "/verify" in link:
                if self.client.post("/auth/verify", {"token": token}).status != 204:
                    continue
            if "/reset" in link:
                self.now = self.password()
                self.ask(204, "POST", "/auth/password/reset", {"token": token, "password": self.now})
                self.ask(400, "POST", "/auth/password/reset", {"token": token, "password": self.password()})
        self.signed_in(self.ask(200, "POST", "/auth/login", {"email": self.email, "password": self.now}))

    def adds_a_second_factor(self):
        secret = self.ask(200, "POST", "/me/totp", idempotency_key=uuid.uuid4().hex)["secret"]
        self.ask(400, "POST", "/me/totp/confirm", {"code": self.keep("code", f"no code {uuid.uuid4().hex}")})
        confirmed = self.ask(200, "POST", "/me/totp/confirm", {"code": code(secret, time.time())}, idempotency_key=uuid.uuid4().hex)
        recovery = [self.keep("recovery code", text) for text in confirmed["recovery_codes"]]
        credentials = {"email": self.email, "password": self.now}
        self.client = Teller(self.desk.martlet)
        self.ask(401, "POST", "/auth/login", credentials)
        self.ask(401, "POST", "/auth/login", credentials | {"totp": recovery[0][:-1]})
        self.signed_in(self.ask(200, "POST", "/auth/login", credentials | {"totp": recovery[0]}))
        self.ask(204, "DELETE", "/me/totp", {"code": recovery[1]})

    def works(self):
        """As a program with a key, and as somebody whom a backend vouches for; all with keys for repetition."""
        self.client = Teller(self.desk.martlet, self.desk.signed_in("carol", "carol123").token)
        name = uuid.uuid4().hex
        made = self.ask(201, "POST", "/api-keys", {"name": "a key", "scopes": ["read", "write"]}, idempotency_key=name)
        self.ask(409, "POST", "/api-keys", {"name": "a key", "scopes": ["read", "write"]}, idempotency_key=name)
        vouched = self.keep("vouched", token_of_theirs(DELEGATED, id=name, username="Greta", email=f"{name}@example.com", role="CUSTOMER"))
        wrong = self.keep("vouched", token_of_theirs("another secret", id=name, username="Greta", email="g@example.com", role="ADMIN"))
        for token in (made["key"], vouched):
            self.client = Teller(self.desk.martlet, token)
            for _ in range(2):
                ticket = self.ask(201, "POST", "/tickets", {"title": "Printer", "description": "It burns."}, idempotency_key="twice")
            self.ask(201, "POST", f"/tickets/{ticket['id']}/comments", {"content": "Still."}, idempotency_key="comment")
            self.ask(200, "PATCH", f"/tickets/{ticket['id']}", {"title": "Printer out"}, idempotency_key="change")
        for token in (wrong, made["key"] + "x"):
            self.client = Teller(self.desk.martlet, token)
            self.ask(401, "GET", "/me")
        self.client = Teller(self.desk.martlet, self.desk.signed_in("carol", "carol123").token)
        self.ask(201, "POST", "/users", {"email": f"3{self.email}", "first_name": "A", "last_name": "B", "role": "agent"}, idempotency_key=name)

    def signs_out(self):
        self.client = Teller(self.desk.martlet)
        self.ask(200, "POST", "/auth/logout", {"refresh_token": self.refresh})
        self.ask(401, "POST", "/auth/refresh", {"refresh_token": self.refresh})


def rows(engine, url):
    """All that the database holds, by table."""
    if engine == "sqlite":
        with sqlite3.connect(url.removeprefix("sqlite:")) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in database.execute(f"SELECT * FROM {table}"):
                    yield table, b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
        return
    for table in psql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").splitlines():
        done = subprocess.run(["psql", "--no-psqlrc", "-qtA", url, "-c", f"COPY {table} TO STDOUT"], capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
        for line in done.stdout.splitlines():
            yield table, line


def found(secrets, text):
    """The names of the secrets that are in a text, as they are or as PostgreSQL writes bytes."""
    return [name for name, secret in secrets.items() if secret.encode() in text or secret.encode().hex().encode() in text]


@pytest.mark.parametrize("engine", ENGINES)
def test_no_secret_is_anywhere_else(engine, tmp_path):
    settings = {"LOG_LEVEL": "debug", "JWT_SECRET": OWN, "DELEGATED_JWT_SECRET": DELEGATED}
    Teller.errors = []
    with running_desk(engine, tmp_path, **settings) as desk:
        story = Story(desk, desk.url)
        story.registers()
        story.signs_in()
        story.puts_secrets_where_they_do_not_belong()
        story.changes_the_password()
        story.forgets_it()
        story.adds_a_second_factor()
        story.works()
        story.signs_out()
        metrics = desk.anonymous.get("/metrics").body
        kept = list(rows(engine, desk.url))
    assert {"events", "answers", "people", "sessions"} <= {table for table, _ in kept}
    assert len(story.secrets) > 30 and len(Teller.errors) > 20 and len(desk.martlet.lines) > 50
    # A look that would find nothing proves nothing.
    assert found({"name": story.email}, b"\n".join(row for table, row in kept if table == "people")) == ["name"]
    places = {
        "the log": json.dumps(desk.martlet.lines).encode(), "the metrics": metrics, "errors": b"\n".join(Teller.errors),
        **{f"the table {name}": b"\n".join(row for table, row in kept if table == name) for name in {table for table, _ in kept}}}
    assert {place: names for place, text in places.items() if (names := found(story.secrets, text))} == {}


@pytest.mark.parametrize(
    "name, value",
    [
        ("DATABASE_URL", "mysql://bob:{}@127.0.0.1/desk"), ("DATABASE_URL", "postgres://bob:{}@127.0.0.1:1/desk"),
        ("DATABASE_URL", "postgres://bob:{}%zz@127.0.0.1/desk"), ("DATABASE_URL", "postgres://bob:{}@127.0.0.1:99999/desk"),
        ("JWT_SECRET", "{} "), ("ADMIN_PASSWORD", "{}"), ("METRICS_TOKEN", "{} "),
    ])
@pytest.mark.parametrize("command", ["serve", "config"])
def test_a_setting_is_refused_without_showing_its_secret(tmp_path, command, name, value):
    secret = "s3cret-of-mine"
    done = subprocess.run(
        [BINARY, command], cwd=tmp_path, env={name: value.format(secret), "PORT": "0", "LOG_LEVEL": "debug"}, capture_output=True, text=True,
        timeout=30)
    assert done.returncode != 0 or command == "config"
    assert name in done.stdout + done.stderr or "database" in done.stderr
    assert secret not in done.stdout + done.stderr
