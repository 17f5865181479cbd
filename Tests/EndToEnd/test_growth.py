"""What is old goes while the server runs, also when it became old while the server did not."""

import pytest

from desks import ENGINES, Client, database, sign_in
from martlet import Martlet
from nodes import wait_until
from outbox import rows
from test_attachments import execute
from test_crash import UNLIMITED

DAY = 86_400_000


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_old_goes_when_the_server_comes_back(engine, tmp_path):
    with database(engine, tmp_path) as url:
        settings = {"DEMO": "on", "DATABASE_URL": url, "EVENT_RETENTION_DAYS": 30} | UNLIMITED
        martlet = Martlet(tmp_path, **settings)
        desk = type("Desk", (), {"engine": engine, "url": url})
        signed = sign_in(martlet, "alice", "alice123")
        client = Client(martlet, signed["access_token"])
        draft = {"title": "Printer on fire", "description": "It burns."}
        for key in ("old", "new"):
            assert client.post("/tickets", draft, idempotency_key=key).status == 201
        eve = {"email": "eve@example.com", "password": "correct horse battery", "first_name": "Eve", "last_name": "Doe"}
        assert client.post("/auth/register", eve).status == 201
        assert Client(martlet).post("/auth/logout", {"refresh_token": signed["refresh_token"]}).status == 200

        def count(table, where="1 = 1"):
            return int(rows(url, f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

        before = {table: count(table) for table in ("answers", "sessions", "events")}
        assert before["answers"] == 2 and count("outbox") == 1 and count("mailed_links") > 0
        # No event is emptied that a reader of the log has yet to read.
        wait_until(lambda: count("log_readers", "seq >= (SELECT max(seq) FROM events)") == 1, "notifications to be made")
        martlet.stop()
        # All but one answer, and the living sign-ins.
        execute(desk, f"UPDATE answers SET created_at = created_at - {3 * DAY} WHERE digest = (SELECT digest FROM answers ORDER BY created_at LIMIT 1)")
        execute(desk, f"UPDATE sessions SET revoked_at = revoked_at - {31 * DAY} WHERE revoked_at IS NOT NULL")
        execute(desk, f"UPDATE mailed_links SET expires_at = expires_at - {31 * DAY}")
        execute(desk, f"UPDATE outbox SET created_at = created_at - {31 * DAY}")
        execute(desk, f"UPDATE events SET at = at - {31 * DAY}")
        martlet = Martlet(tmp_path, **settings)
        wait_until(
            lambda: (count("answers"), count("mailed_links"), count("outbox")) == (1, 0, 0)
            and count("sessions", "revoked_at IS NOT NULL") == 0 and count("events", "data <> '{}'") == 0, "what is old to go")
        assert count("sessions") == before["sessions"] - 1 and count("events") == before["events"]
        martlet.stop()
