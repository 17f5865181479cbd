"""What the peers that serve tickets from PostgreSQL share: their tables, how these are filled, and their callers' tokens."""

import base64
import hashlib
import hmac
import json
import time

from .fill import fill_postgres
from .places import FOLDER

SECRET = "only-for-benchmarks-and-long-enough-for-HS256"

COLUMNS = {
    "users": ("people", {
        "id": "uuid(r.id)", "email": "r.email", "username": "r.username", "name": "r.name", "role": "r.role", "is_active": "True",
        "created_at": "r.created_at"}),
    "tickets": ("tickets", {
        "id": "uuid(r.id)", "number": "r.number", "title": "r.title", "description": "r.description", "status": "r.status",
        "priority": "r.priority", "category": "r.category", "type": "r.type", "tags": "listed(r.tags)",
        "requester_id": "uuid(desk.person_id(r.requester))", "assignee_id": "r.assignee and uuid(desk.person_id(r.assignee))",
        "support_role": "'general'", "channel": "'web'", "embed_token": "uuid(r.embed_token)", "comment_count": "r.comment_count",
        "created_at": "r.created_at", "updated_at": "r.updated_at", "first_responded_at": "r.first_responded_at",
        "resolved_at": "r.resolved_at", "closed_at": "r.closed_at", "revision": "1"}),
    "comments": ("comments", {
        "id": "uuid(r.id)", "ticket_id": "uuid(r.ticket_id)", "author_id": "uuid(desk.person_id(r.author))", "content": "r.content",
        "comment_type": "r.comment_type", "created_at": "r.created_at", "updated_at": "r.created_at"}),
}


def fill(postgres, database, desk):
    """Makes a database of that name with the desk in it. Returns what the peer's environment needs."""
    postgres.make(database)
    postgres.sql(database, (FOLDER / "peers/tickets.sql").read_text())
    fill_postgres(postgres, database, desk, COLUMNS)
    return {"DATABASE_URL": postgres.database(database), "JWT_SECRET": SECRET}


def token(desk, number=1, **more):
    """Of that person of the desk, who is the admin, for a day, with more claims."""
    person = desk.person(number)
    return signed({"sub": person.id, "role": person.role, "iat": int(time.time()), "exp": int(time.time()) + 86_400, **more}, SECRET)


def signed(claims, secret):
    """A token with those claims (HS256)."""
    text = b".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (text + b"." + encode(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")
