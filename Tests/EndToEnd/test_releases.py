"""While a release is brought in, nodes of the one before run on its schema."""

import contextlib
import os
import sqlite3
import subprocess

import pytest

from desks import ENGINES, Client, database, psql, sign_in
from martlet import ROOT, Martlet

# What the next release may do: add a column, a table, an index, a word.
NEXT = """
    ALTER TABLE tickets ADD COLUMN snoozed_until bigint;
    ALTER TABLE people ADD COLUMN pronouns text;
    CREATE TABLE teams (id bigint NOT NULL PRIMARY KEY, name text NOT NULL);
    CREATE INDEX tickets_snoozed ON tickets (snoozed_until) WHERE snoozed_until IS NOT NULL;
    INSERT INTO migrations (name, applied_at, suits_earlier) VALUES ('m900_next', 1, {suits});
"""


def run(url, script):
    if url.startswith("sqlite:"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:"))) as connection:
            connection.create_collation("C", lambda one, other: (one.encode() > other.encode()) - (one.encode() < other.encode()))
            connection.executescript(script)
    else:
        psql(url, script)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_node_of_this_release_runs_on_the_schema_of_the_next(engine, tmp_path):
    with database(engine, tmp_path) as url:
        first = Martlet(tmp_path, DEMO="on", DATABASE_URL=url)
        first.stop()
        run(url, NEXT.format(suits="TRUE"))
        martlet = Martlet(tmp_path, DEMO="on", DATABASE_URL=url)
        try:
            agent = Client(martlet, sign_in(martlet, "bob", "bob123")["access_token"])
            customer = Client(martlet, sign_in(martlet, "alice", "alice123")["access_token"])
            # A node of the next release has written what this one does not know.
            run(url, "UPDATE people SET pronouns = 'they' WHERE username = 'alice';")
            ticket = customer.post("/tickets", {"title": "Printer on fire", "description": "It burns."}).json
            place = f"/tickets/{ticket['id']}"
            assert agent.post(f"{place}/comments", {"content": "We look at it."}).status == 201
            assert agent.patch(place, {"status": "resolved"}).status == 200
            run(url, f"UPDATE tickets SET status = 'snoozed', snoozed_until = 1 WHERE number = {ticket['number']};")
            assert agent.get(place).json["status"] == "pending"
            assert agent.get("/tickets").status == customer.get("/tickets/my").status == agent.get("/events").status == 200
            assert agent.get("/search/tickets?query=printer").status == 200
        finally:
            martlet.stop()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_schema_that_takes_away_what_this_release_needs_is_refused(engine, tmp_path):
    with database(engine, tmp_path) as url:
        Martlet(tmp_path, DEMO="on", DATABASE_URL=url).stop()
        run(url, NEXT.format(suits="FALSE"))
        program = os.environ.get("MARTLET", str(ROOT / ".build/debug/martlet"))
        done = subprocess.run([program, "serve"], env={"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "data"), "PORT": "0", "PATH": os.environ["PATH"]},
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 1 and "m900_next" in done.stderr + done.stdout and "newer" in done.stderr + done.stdout
