"""What waits to be mailed, read where it is kept."""

import contextlib
import json
import sqlite3

from desks import psql


def rows(url, query):
    if not url.startswith("sqlite:"):
        return [line.split("|", 1) for line in psql(url, query).splitlines()]
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:"), timeout=10)) as connection:
        return connection.execute(query).fetchall()


def mailed_link(url, address, kind):
    """The link in the newest mail of that kind to that address."""
    found = rows(url, f"SELECT id, payload FROM outbox WHERE address = '{address}' AND kind = '{kind}' ORDER BY id DESC LIMIT 1")
    assert found, f"nothing of {kind} waits for {address}"
    return json.loads(found[0][1])["link"]
