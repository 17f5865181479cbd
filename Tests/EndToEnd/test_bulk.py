"""`POST /tickets/bulk`: the same done to many tickets, each by its own rules."""

import http.client
import subprocess
import threading
import time
import uuid

import pytest

from desks import ENGINES, UNLIMITED, Client, database, refused, running_desk, sign_in
from martlet import Martlet


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    with running_desk(request.param, tmp_path_factory.mktemp("bulk")) as desk:
        yield desk


def bulk(client, body, **fields):
    return client.post("/tickets/bulk", body, **fields)


def statuses(answer):
    assert answer.status == 200, answer.body
    return [item["status"] for item in answer.json["items"]]


class TestEach:
    def test_what_is_done_and_told_of_each(self, desk):
        one, two = desk.ticket(), desk.ticket(tags=["old", "kept"])
        body = {"ids": [one["id"], two["number"]], "set": {"priority": "urgent", "add_tags": ["new"], "remove_tags": ["old"], "agent": "bob"}}
        answer = bulk(desk.agent, body)
        assert statuses(answer) == ["changed", "changed"]
        assert {name: answer.json[name] for name in ("changed", "unchanged", "refused", "dry_run")} == {
            "changed": 2, "unchanged": 0, "refused": 0, "dry_run": False}
        assert answer.json["items"][1] | {"id": None} == {"ticket": two["number"], "id": None, "number": two["number"], "status": "changed"}
        now = desk.agent.get(f"/tickets/{two['id']}").json
        assert (now["priority"], now["tags"], now["assignee"]["id"]) == ("urgent", ["kept", "new"], desk.agent.id)
        events = desk.agent.get(f"/tickets/{one['id']}/events").json["items"]
        assert [event["type"] for event in events] == ["ticket.created", "ticket.assigned"]
        assert statuses(bulk(desk.agent, body)) == ["unchanged", "unchanged"]
        assert len(desk.agent.get(f"/tickets/{one['id']}/events").json["items"]) == 2

    def test_what_is_refused_is_told_and_the_rest_is_done(self, desk):
        open_, closed, binned = desk.ticket(), desk.ticket(), desk.ticket()
        assert desk.agent.patch(f"/tickets/{closed['id']}", {"status": "closed"}).status == 200
        assert desk.admin.delete(f"/tickets/{binned['id']}").status == 204
        nobodys = str(uuid.uuid4())
        answer = bulk(desk.agent, {"ids": [closed["id"], open_["id"], binned["id"], nobodys, open_["number"]], "set": {"status": "pending"}})
        assert statuses(answer) == ["refused", "changed", "refused", "refused"]
        assert [item.get("error") for item in answer.json["items"]] == ["CONFLICT", None, "NOT_FOUND", "NOT_FOUND"]
        # Of what one does not see nothing is told but what one said.
        assert answer.json["items"][2] == answer.json["items"][3] | {"ticket": binned["id"]}
        assert (answer.json["changed"], answer.json["refused"]) == (1, 3)

    def test_the_bin_is_for_admins(self, desk):
        ids = [desk.ticket()["id"] for _ in range(2)]
        refused(bulk(desk.agent, {"ids": ids, "action": "delete"}), 403, "FORBIDDEN")
        assert statuses(bulk(desk.admin, {"ids": ids, "action": "delete"})) == ["changed", "changed"]
        assert desk.agent.get(f"/tickets/{ids[0]}").status == 404
        assert statuses(bulk(desk.admin, {"ids": ids, "action": "restore"})) == ["changed", "changed"]
        assert desk.agent.get(f"/tickets/{ids[0]}").status == 200


class TestAllOrNone:
    def test_one_refusal_undoes_all(self, desk):
        one, closed = desk.ticket(), desk.ticket()
        assert desk.agent.patch(f"/tickets/{closed['id']}", {"status": "closed"}).status == 200
        answer = bulk(desk.agent, {"ids": [one["id"], closed["id"]], "set": {"status": "pending"}, "mode": "all"})
        refused(answer, 409, "CONFLICT")
        assert [(item["id"], item["error"]) for item in answer.json["items"]] == [(closed["id"], "CONFLICT")]
        assert desk.agent.get(f"/tickets/{one['id']}").json["status"] == "open"
        assert statuses(bulk(desk.agent, {"ids": [one["id"]], "set": {"status": "pending"}, "mode": "all"})) == ["changed"]


class TestDryRun:
    @pytest.mark.parametrize("mode", ["each", "all"])
    def test_it_tells_and_changes_nothing(self, desk, mode):
        one, closed = desk.ticket(), desk.ticket()
        assert desk.agent.patch(f"/tickets/{closed['id']}", {"status": "closed"}).status == 200
        answer = bulk(desk.agent, {"ids": [one["id"], closed["id"]], "set": {"status": "pending"}, "mode": mode, "dry_run": True})
        assert statuses(answer) == ["would_change", "refused"] and answer.json["dry_run"]
        assert desk.agent.get(f"/tickets/{one['id']}").json["revision"] == 1


class TestFilter:
    def test_it_means_what_the_list_has(self, desk):
        category = uuid.uuid4().hex
        mine = [desk.ticket(category=category)["id"] for _ in range(3)]
        desk.ticket(category="other")
        body = {"filter": {"category": [category], "status": ["open"]}, "set": {"type": "fire"}}
        assert bulk(desk.agent, body | {"dry_run": True}).json["changed"] == 3
        answer = bulk(desk.agent, body)
        assert {item["id"] for item in answer.json["items"]} == set(mine)
        assert all(desk.agent.get(f"/tickets/{id}").json["type"] == "fire" for id in mine)


    def test_it_means_what_a_search_finds(self, desk):
        word, category = f"w{uuid.uuid4().hex}", uuid.uuid4().hex
        found = [desk.ticket(title=f"Smoke of {word}", category=category)["id"] for _ in range(3)]
        said, elsewhere = desk.ticket(category=category), desk.ticket(title=word)
        desk.comment(said, content=f"It is {word}.")
        desk.ticket(category=category)
        body = {"filter": {"q": word, "category": [category]}, "set": {"add_tags": ["found"]}}
        answer = bulk(desk.agent, body)
        assert {item["id"] for item in answer.json["items"]} == {*found, said["id"]} and answer.json["changed"] == 4
        assert desk.agent.get(f"/tickets/{elsewhere['id']}").json["tags"] == []
        # Without words it asks of fields alone.
        answer = bulk(desk.agent, {"filter": {"q": f"category:{category} -tag:found"}, "set": {"priority": "low"}})
        assert statuses(answer) == ["changed"]
        assert statuses(bulk(desk.agent, {"filter": {"q": f"{word} requester:nobody-of-that-name"}, "set": {"priority": "low"}})) == []
        refused(bulk(desk.agent, {"filter": {"q": "colour:red"}, "set": {"priority": "low"}}), 400, "BAD_REQUEST")


class TestKeys:
    @pytest.mark.parametrize("mode", ["each", "all"])
    def test_a_repetition_gets_the_first_answer(self, desk, mode):
        category = uuid.uuid4().hex
        ids = [desk.ticket(category=category)["id"] for _ in range(60)]
        # Once it is done nothing is left that the filter means.
        body = {"filter": {"category": [category], "status": ["open"]}, "set": {"status": "resolved"}, "mode": mode}
        key = uuid.uuid4().hex
        first = bulk(desk.agent, body, idempotency_key=key)
        again = bulk(desk.agent, body, idempotency_key=key)
        assert first.json["changed"] == 60 and (again.status, again.json) == (200, first.json)
        assert (first["idempotency-replayed"], again["idempotency-replayed"]) == (None, "true")
        assert all(desk.agent.get(f"/tickets/{id}").json["revision"] == 2 for id in ids)
        refused(bulk(desk.agent, body | {"mode": "each" if mode == "all" else "all"}, idempotency_key=key), 422, "UNPROCESSABLE")

    def test_what_is_undone_is_not_kept(self, desk):
        ticket, key = desk.ticket(), uuid.uuid4().hex
        body = {"ids": [ticket["id"]], "set": {"status": "pending"}, "mode": "all"}
        assert desk.agent.patch(f"/tickets/{ticket['id']}", {"status": "closed"}).status == 200
        refused(bulk(desk.agent, body, idempotency_key=key), 409, "CONFLICT")
        assert desk.agent.patch(f"/tickets/{ticket['id']}", {"status": "open"}).status == 200
        assert statuses(bulk(desk.agent, body, idempotency_key=key)) == ["changed"]


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        "body, places",
        [
            ({}, {"ids", "set"}),
            ({"ids": [1], "filter": {}, "set": {"priority": "low"}, "action": "delete"}, {"ids", "set"}),
            ({"ids": [1], "set": {}}, {"set"}),
            ({"ids": ["x", 0], "set": {"priority": "huge", "title": "x"}, "mode": "some"},
             {"ids.0", "ids.1", "set.priority", "set.title", "mode"}),
            ({"filter": {"page": 1}, "set": {"priority": "low"}}, {"filter.page"}),
            ({"ids": list(range(1, 1002)), "set": {"priority": "low"}}, {"ids"}),
            ({"ids": [1], "set": {"assignee": "alice"}}, {"set.assignee"}),
        ])
    def test_it_is_told_at_once(self, desk, body, places):
        answer = bulk(desk.agent, body)
        refused(answer, 400, "BAD_REQUEST")
        assert {fault["location"] for fault in answer.json["errors"]} == places

    def test_an_etag_is_one_tickets(self, desk):
        refused(bulk(desk.agent, {"ids": [1], "set": {"priority": "low"}}, if_match='"1-s"'), 400, "BAD_REQUEST")


def test_a_thousand_hold_nobody_up(desk):
    """Others read and write while a thousand are changed; each of theirs is answered before the thousand are."""
    category = uuid.uuid4().hex
    for _ in range(1000):
        desk.ticket(category=category)
    ticket, answers = desk.ticket(), []
    other = Client(desk.martlet, desk.customer.token)
    begun = time.monotonic()
    worker = threading.Thread(
        target=lambda: answers.append(bulk(desk.agent, {"filter": {"category": [category]}, "set": {"priority": "high"}})))
    worker.start()
    count = 0
    while worker.is_alive():
        assert other.get(f"/tickets/{ticket['id']}").status == 200
        assert other.post(f"/tickets/{ticket['id']}/comments", {"content": "Still here."}).status == 201
        count += 1
    worker.join()
    assert answers[0].json["changed"] == 1000, answers[0].body
    assert count > 1
    print(f"{count} reads and writes of others in {time.monotonic() - begun:.2f} s")


def thousand(desk_or_client, category):
    """The ids of a thousand new tickets of a category, opened by several at once."""
    ids, clients = [], [Client(desk_or_client.martlet, desk_or_client.token) for _ in range(8)]

    def open_some(client):
        for _ in range(125):
            answer = client.post("/tickets", {"title": "Printer", "description": "It burns.", "category": category})
            assert answer.status == 201, answer.body
            ids.append(answer.json["id"])

    threads = [threading.Thread(target=open_some, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 1000
    return ids


def test_one_without_a_key_that_is_cut_off_tells_what_was_done(tmp_path):
    """A ticket of the second fifty is held by somebody else for longer than a transaction waits."""
    with running_desk("postgres", tmp_path) as desk:
        ids = [desk.ticket()["id"] for _ in range(110)]
        change = lambda status: bulk(desk.agent, {"ids": ids, "set": {"status": status}})

        def held(id):
            holder = subprocess.Popen(
                ["psql", "--no-psqlrc", "-qtA", desk.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            holder.stdin.write(f"BEGIN;\nSELECT number FROM tickets WHERE id = '{id}' FOR UPDATE;\n")
            holder.stdin.flush()
            assert holder.stdout.readline().strip().isdigit()
            return holder

        holder = held(ids[60])
        try:
            answer = change("pending")
            assert statuses(answer) == ["changed"] * 50 + ["refused"] * 60
            assert (answer.json["changed"], answer.json["refused"]) == (50, 60)
            left = answer.json["items"][50:]
            assert {item["error"] for item in left} == {"UNAVAILABLE"} and all(item["message"] for item in left)
            assert [item["ticket"] for item in left] == ids[50:]
        finally:
            holder.communicate("ROLLBACK;\n", timeout=10)
        assert statuses(change("pending")) == ["unchanged"] * 50 + ["changed"] * 60
        # When nothing was done there is nothing to tell.
        holder = held(ids[0])
        try:
            refused(change("resolved"), 503, "UNAVAILABLE")
        finally:
            holder.communicate("ROLLBACK;\n", timeout=10)
        assert statuses(change("pending")) == ["unchanged"] * 110


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.timeout(180)
def test_one_that_was_cut_off_goes_on_and_changes_nothing_twice(engine, tmp_path):
    """The server is killed in the middle of a thousand; the same request, sent again, does the rest."""
    with database(engine, tmp_path) as url:
        settings = {"DEMO": "on", "DATABASE_URL": url, **UNLIMITED}
        martlet = Martlet(tmp_path, **settings)
        agent = Client(martlet, sign_in(martlet, "bob", "bob123")["access_token"])
        category, key = uuid.uuid4().hex, uuid.uuid4().hex
        ids = thousand(agent, category)
        body = {"filter": {"category": [category], "status": ["open"]}, "set": {"status": "resolved"}}
        left = lambda client: client.get(f"/tickets?category={category}&status=open&limit=1&count=true").json["total"]
        answers = []

        def change():
            try:
                answers.append(bulk(agent, body, idempotency_key=key))
            except (OSError, http.client.HTTPException):
                answers.append(None)

        worker = threading.Thread(target=change)
        worker.start()
        watcher = Client(martlet, agent.token)
        while left(watcher) > 900:
            pass
        martlet.kill()
        worker.join()
        assert answers == [None], "it was done before it could be cut off"
        martlet = Martlet(tmp_path, **settings)
        try:
            agent = Client(martlet, sign_in(martlet, "bob", "bob123")["access_token"])
            rest = left(agent)
            assert 0 < rest < 1000, rest
            for replayed in (None, "true"):
                answer = bulk(agent, body, idempotency_key=key)
                # What it was that was meant, and what became of each, whoever asked when.
                assert (answer.status, answer["idempotency-replayed"], answer.json["changed"]) == (200, replayed, 1000), answer.body[:300]
                assert {item["id"] for item in answer.json["items"]} == set(ids)
            assert left(agent) == 0
            for id in ids:
                ticket = agent.get(f"/tickets/{id}").json
                assert (ticket["status"], ticket["revision"]) == ("resolved", 2)
                events = [row["type"] for row in agent.get(f"/tickets/{id}/events").json["items"]]
                assert events == ["ticket.created", "ticket.status_changed"]
        finally:
            martlet.stop()
