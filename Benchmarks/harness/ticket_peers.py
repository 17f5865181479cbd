"""What the peers that serve tickets from PostgreSQL share: their tables, how these are filled, and their callers' tokens."""

import base64
import hashlib
import hmac
import json
import time

from .fill import fill_postgres
from .places import FOLDER

SECRET = "a secret of the benchmarks, long enough for HS256"

COLUMNS = {
    "users": ("people", {
        "id": "r.id", "email": "r.email", "username": "r.username", "name": "r.name", "role": "r.role", "is_active": "True",
        "created_at": "r.created_at"}),
    "tickets": ("tickets", {
        "id": "r.id", "number": "r.number", "title": "r.title", "description": "r.description", "status": "r.status",
        "priority": "r.priority", "category": "r.category", "type": "r.type", "tags": "json.dumps(r.tags, separators=(',', ':'))",
        "requester_id": "desk.person_id(r.requester)", "assignee_id": "r.assignee and desk.person_id(r.assignee)",
        "support_role": "'general'", "channel": "'web'", "embed_token": "r.embed_token", "comment_count": "r.comment_count",
        "created_at": "r.created_at", "updated_at": "r.updated_at", "first_responded_at": "r.first_responded_at",
        "resolved_at": "r.resolved_at", "closed_at": "r.closed_at", "revision": "1"}),
    "comments": ("comments", {
        "id": "r.id", "ticket_id": "r.ticket_id", "author_id": "desk.person_id(r.author)", "content": "r.content",
        "comment_type": "r.comment_type", "created_at": "r.created_at", "updated_at": "r.created_at"}),
}


def fill(postgres, database, desk):
    """A database of that name with the desk in it, made unless it is there. Returns what the peer's environment needs."""
    if not postgres.exists(database):
        tables, keys = split_keys((FOLDER / "peers/tickets.sql").read_text())
        postgres.sql("postgres", f"CREATE DATABASE {database}")
        fill_postgres(postgres, database, desk, COLUMNS, before=tables, after=keys)
        postgres.sql(database, "SELECT setval(pg_get_serial_sequence('tickets', 'number'), max(number)) FROM tickets")
    return {"DATABASE_URL": postgres.database(database), "JWT_SECRET": SECRET}


def split_keys(text):
    """The tables, and the indexes and keys that are quicker to make when the rows are there."""
    tables, _, keys = text.partition("-- All below")
    return tables, "--" + keys


def token(desk, number):
    """Of that person of the desk, for a day."""
    person = desk.person(number)
    claims = {"iss": "martlet", "sub": person.id, "role": person.role, "iat": int(time.time()), "exp": int(time.time()) + 86_400}
    signed = b".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (signed + b"." + encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())).decode()


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")
