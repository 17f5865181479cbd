import contextlib
import re
import sqlite3
import time
import uuid

import pytest

from accounts import locations
from desks import ENGINES, UNLIMITED, Client, refused, staffed_desk
from martlet import Martlet

TICKET = ["assignee", "category", "channel", "closed_at", "comment_count", "created_at", "description", "embed_token", "first_responded_at",
          "id", "number", "priority", "requester", "resolved_at", "revision", "status", "support_role", "tags", "title", "type", "updated_at"]
COMMENT = ["attachments", "author", "comment_type", "content", "created_at", "id", "ticket_id", "updated_at"]


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    with staffed_desk(request.param, tmp_path_factory.mktemp("tickets")) as desk:
        yield desk


class TestOpening:
    def test_it_has_all_its_fields_and_says_where_it_is(self, desk):
        answer = desk.customer.post("/tickets", {"subject": "Fire", "description": "It burns.", "tags": [" hot ", "hot", "printer"]})
        assert answer.status == 201, answer.body
        ticket = answer.json
        assert sorted(ticket) == TICKET
        assert (ticket["title"], ticket["status"], ticket["priority"], ticket["tags"]) == ("Fire", "open", "medium", ["hot", "printer"])
        assert ticket["requester"]["email"] == "alice@example.com"
        assert answer["location"] == f"/tickets/{ticket['id']}"
        again = desk.customer.get(answer["location"])
        assert (again.status, again.json, again["etag"]) == (200, ticket, answer["etag"])
        assert desk.customer.get(f"/tickets/{ticket['number']}").json == ticket

    def test_staff_open_one_for_somebody_else(self, desk):
        email = f"{uuid.uuid4().hex}@example.com"
        body = {"title": "Call", "description": "They called."}
        first = desk.agent.post("/tickets", body | {"requester": {"email": email, "name": "Nora New"}})
        assert (first.status, first.json["requester"]["name"]) == (201, "Nora New")
        person = first.json["requester"]["id"]
        for requester in (person, {"id": person}, {"email": email.upper()}):
            assert desk.agent.post("/tickets", body | {"requester": requester}).json["requester"]["id"] == person
        refused(desk.customer.post("/tickets", body | {"requester": person}), 403, "FORBIDDEN")
        for requester in ("nobody", str(uuid.uuid4()), {}, {"email": "no address"}, {"email": email, "id": person}, {"mail": email}):
            refused(desk.agent.post("/tickets", body | {"requester": requester}), 400, "BAD_REQUEST")

    def test_all_faults_are_told_at_once(self, desk):
        answer = desk.customer.post("/tickets", {"title": "", "priority": "huge", "tags": ["x" * 51, " "], "colour": "red"})
        refused(answer, 400, "BAD_REQUEST")
        assert locations(answer) == ["colour", "description", "priority", "tags.0", "tags.1", "title"]


class TestChanging:
    @pytest.mark.parametrize("method", ["patch", "put"])
    def test_what_is_not_given_stays(self, desk, method):
        ticket = desk.ticket(category="hardware")
        answer = getattr(desk.agent, method)(f"/tickets/{ticket['number']}", {"priority": "CRITICAL", "status": "In Progress"})
        assert answer.status == 200, answer.body
        changed = answer.json
        assert (changed["priority"], changed["status"], changed["category"]) == ("urgent", "in_progress", "hardware")
        assert changed["revision"] == 2 and answer["etag"] != desk.customer.get(f"/tickets/{ticket['id']}")["etag"]

    def test_null_clears_what_may_be_missing_and_nothing_else(self, desk):
        ticket = desk.ticket(category="hardware", tags=["a"])
        cleared = desk.agent.patch(f"/tickets/{ticket['id']}", {"category": None, "tags": None, "assignee": None}).json
        assert (cleared["category"], cleared["tags"], cleared["revision"]) == (None, [], 2)
        answer = desk.agent.patch(f"/tickets/{ticket['id']}", {"title": None, "status": None, "priority": None})
        assert locations(refused(answer, 400, "BAD_REQUEST")) == ["priority", "status", "title"]

    def test_a_stale_copy_is_refused_and_a_repetition_answered_again(self, desk):
        ticket = desk.ticket()
        path, tag = f"/tickets/{ticket['id']}", desk.agent.get(f"/tickets/{ticket['id']}")["etag"]
        first = desk.agent.patch(path, {"title": "Fire!"}, if_match=tag, idempotency_key="once")
        again = desk.agent.patch(path, {"title": "Fire!"}, if_match=tag, idempotency_key="once")
        assert (first.status, again.status, again.json, again["idempotency-replayed"]) == (200, 200, first.json, "true")
        refused(desk.agent.patch(path, {"title": "Smoke"}, if_match=tag), 412, "PRECONDITION_FAILED")
        assert desk.agent.get(path, if_none_match=first["etag"]).status == 304

    def test_a_change_that_changes_nothing(self, desk):
        ticket = desk.ticket()
        answer = desk.agent.patch(f"/tickets/{ticket['id']}", {"title": ticket["title"], "status": "open"})
        assert (answer.status, answer.json["revision"]) == (200, 1)
        assert len(desk.agent.get(f"/tickets/{ticket['id']}/history").json["items"]) == 1

    def test_who_may_not(self, desk):
        path = f"/tickets/{desk.ticket()['id']}"
        refused(desk.customer.patch(path, {"priority": "high"}), 403, "FORBIDDEN")
        refused(desk.customer.patch(path, {"status": "resolved"}), 403, "FORBIDDEN")
        refused(desk.other.patch(path, {"title": "Mine"}), 404, "NOT_FOUND")
        refused(desk.anonymous.patch(path, {"title": "Mine"}), 401, "UNAUTHORIZED")
        refused(desk.customer.patch("/tickets/999999999", {"title": "x"}), 404, "NOT_FOUND")
        assert desk.customer.patch(path, {"status": "closed"}).json["closed_at"] is not None
        refused(desk.agent.patch(path, {"status": "pending"}), 409, "CONFLICT")
        assert desk.customer.patch(path, {"status": "open"}).json["closed_at"] is None


class TestAssigning:
    @pytest.mark.parametrize("method", ["patch", "post"])
    def test_by_id_username_or_address(self, desk, method):
        for name in (desk.agent.id, "BOB", "bob@example.com"):
            ticket = desk.ticket()
            body = {"agent_id" if name == desk.agent.id else "agent": name, "priority": "high"}
            answer = getattr(desk.colleague, method)(f"/tickets/{ticket['id']}/assign", body)
            assert answer.status == 200, answer.body
            assert answer.json["assignee"] == {"id": desk.agent.id, "name": "bob"}
            assert (answer.json["status"], answer.json["priority"]) == ("in_progress", "high")
        assert desk.admin.patch(f"/tickets/{ticket['id']}/assign", {"agent": None}).json["assignee"] is None

    def test_refusals(self, desk):
        path = f"/tickets/{desk.ticket()['id']}/assign"
        assert locations(refused(desk.admin.patch(path, {"agent": "alice"}), 400, "BAD_REQUEST")) == ["agent"]
        assert locations(refused(desk.admin.patch(path, {}), 400, "BAD_REQUEST")) == ["agent"]
        assert locations(refused(desk.admin.patch(path.removesuffix("/assign"), {"assignee": "alice"}), 400, "BAD_REQUEST")) == ["assignee"]
        refused(desk.customer.patch(path, {"agent": "bob"}), 403, "FORBIDDEN")


class TestComments:
    def test_a_comment_and_its_address(self, desk):
        ticket = desk.ticket()
        answer = desk.customer.post(f"/tickets/{ticket['number']}/comments", {"content": "It **burns**."})
        assert answer.status == 201, answer.body
        assert sorted(answer.json) == COMMENT and answer.json["attachments"] == []
        assert sorted(answer.json["author"]) == ["id", "name", "role"]
        again = desk.agent.get(answer["location"])
        assert (again.json, again["etag"]) == (answer.json, answer["etag"])
        found = desk.customer.get(f"/tickets/{ticket['id']}")
        assert (found.json["comment_count"], found.json["revision"]) == (1, 2)

    def test_private_work_is_hidden(self, desk):
        ticket = desk.ticket()
        before = desk.customer.get(f"/tickets/{ticket['id']}")
        comment = desk.comment(ticket, desk.agent, content="SECRETWORD", comment_type="internal")
        assert comment["comment_type"] == "private"
        after = desk.customer.get(f"/tickets/{ticket['id']}?include=comments,history")
        assert b"SECRETWORD" not in after.body and len(after.json["history"]["items"]) == 1
        assert desk.customer.get(f"/tickets/{ticket['id']}", if_none_match=before["etag"]).status == 304
        assert desk.customer.get(f"/tickets/{ticket['id']}/comments").json == {"items": [], "next": None}
        refused(desk.customer.get(f"/tickets/{ticket['id']}/comments/{comment['id']}"), 404, "NOT_FOUND")
        assert desk.agent.get(f"/tickets/{ticket['id']}").json["comment_count"] == 1
        refused(desk.customer.post(f"/tickets/{ticket['id']}/comments", {"content": "x", "comment_type": "private"}), 403, "FORBIDDEN")

    def test_editing_and_deleting(self, desk):
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}/comments/{desk.comment(ticket)['id']}"
        tag = desk.customer.get(path)["etag"]
        assert desk.customer.patch(path, {"content": "Better"}, if_match=tag).json["content"] == "Better"
        refused(desk.customer.patch(path, {"content": "Best"}, if_match=tag), 412, "PRECONDITION_FAILED")
        refused(desk.agent.patch(path, {"content": "Mine"}), 403, "FORBIDDEN")
        refused(desk.other.delete(path), 404, "NOT_FOUND")
        changes = desk.customer.get(f"/tickets/{ticket['id']}/history").json["items"][-1]
        assert changes["changes"] == {"content": {"from": "It still burns.", "to": "Better"}}
        assert (changes["actor"]["name"], changes["type"]) == ("alice", "comment.updated")
        gone = desk.admin.delete(path)
        assert (gone.status, gone.body) == (204, b"")
        refused(desk.customer.get(path), 404, "NOT_FOUND")

    def test_an_overtaken_reply_gets_what_is_newer(self, desk):
        ticket = desk.ticket()
        first, second = desk.comment(ticket), desk.comment(ticket, desk.agent)
        answer = desk.customer.post(f"/tickets/{ticket['id']}/comments", {"content": "x", "after_comment_id": first["id"]})
        assert refused(answer, 409, "CONFLICT").json["comments"] == [second]
        assert desk.comment(ticket, after_comment_id=second["id"])

    def test_an_unknown_file_is_a_fault(self, desk):
        answer = desk.customer.post(f"/tickets/{desk.ticket()['id']}/comments", {"content": "x", "attachments": [str(uuid.uuid4())]})
        assert locations(refused(answer, 400, "BAD_REQUEST")) == ["attachments.0"]

    def test_a_page_at_a_time(self, desk):
        ticket = desk.ticket()
        for number in range(5):
            desk.comment(ticket, content=str(number))
        path, seen = f"/tickets/{ticket['id']}/comments?limit=2", []
        while path:
            page = desk.customer.get(path)
            seen += [comment["content"] for comment in page.json["items"]]
            path = re.fullmatch("<(.*)>; rel=\"next\"", page["link"])[1] if page["link"] else None
        assert seen == ["0", "1", "2", "3", "4"]
        whole = desk.customer.get(f"/tickets/{ticket['id']}?include=comments").json["comments"]
        assert [comment["content"] for comment in whole["items"]] == seen and whole["next"] is None


class TestParts:
    def test_a_ticket_comes_with_its_lists(self, desk):
        ticket = desk.ticket()
        comment = desk.comment(ticket)
        path = f"/tickets/{ticket['id']}"
        whole = desk.customer.get(f"{path}?include=comments,history")
        assert whole.json["comments"] == {"items": [comment], "next": None}
        assert [entry["type"] for entry in whole.json["history"]["items"]] == ["ticket.created", "comment.created"]
        assert len({desk.customer.get(path)["etag"], whole["etag"], desk.customer.get(f"{path}?include=history")["etag"]}) == 3
        assert desk.customer.get(f"{path}?include=comments,history", if_none_match=whole["etag"]).status == 304
        # Either tag stands for the revision.
        assert desk.customer.patch(path, {"title": "Fire"}, if_match=whole["etag"]).status == 200

    def test_a_part_that_is_none_is_refused(self, desk):
        answer = desk.customer.get(f"/tickets/{desk.ticket()['id']}?include=comments,colours")
        assert locations(refused(answer, 400, "BAD_REQUEST")) == ["include.1"]


class TestReplies:
    def test_one_to_a_stale_copy_is_refused(self, desk):
        ticket = desk.ticket()
        path, tag = f"/tickets/{ticket['id']}/comments", desk.customer.get(f"/tickets/{ticket['id']}")["etag"]
        assert desk.customer.post(path, {"content": "One"}, if_match=tag).status == 201
        refused(desk.customer.post(path, {"content": "Two"}, if_match=tag), 412, "PRECONDITION_FAILED")
        refused(desk.agent.put(f"/tickets/{ticket['id']}/followers/me", if_match=tag), 412, "PRECONDITION_FAILED")
        assert desk.customer.get(f"/tickets/{ticket['id']}").json["comment_count"] == 1

    def test_they_move_the_status_and_are_counted(self, desk):
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}"
        desk.comment(ticket, desk.agent)
        answered = desk.customer.get(path).json
        assert (answered["status"], answered["comment_count"]) == ("in_progress", 1)
        assert answered["first_responded_at"] == answered["updated_at"]
        for status in ("pending", "resolved", "closed"):
            assert desk.agent.patch(path, {"status": status}).json["status"] == status
            desk.comment(ticket)
            reopened = desk.customer.get(path).json
            assert (reopened["status"], reopened["resolved_at"], reopened["closed_at"]) == ("open", None, None)
        assert reopened["first_responded_at"] == answered["first_responded_at"] and reopened["comment_count"] == 4

    def test_a_closed_ticket_only_reopens(self, desk):
        path = f"/tickets/{desk.ticket()['id']}"
        closed = desk.agent.patch(path, {"status": "CLOSED"}).json
        assert closed["closed_at"] == closed["resolved_at"] == closed["updated_at"]
        for status in ("pending", "resolved"):
            refused(desk.agent.patch(path, {"status": status}), 409, "CONFLICT")
        assert desk.agent.patch(path, {"status": "in-progress"}).json["closed_at"] is None


class TestBin:
    def test_in_and_out(self, desk):
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}"
        refused(desk.agent.delete(path), 403, "FORBIDDEN")
        assert desk.admin.delete(path).status == 204
        for client in (desk.customer, desk.agent):
            refused(client.get(path), 404, "NOT_FOUND")
        refused(desk.admin.patch(path, {"title": "x"}), 409, "CONFLICT")
        binned = desk.admin.get(path).json
        assert binned["deleted_at"] == binned["updated_at"]
        assert ticket["id"] in [found["id"] for found in desk.admin.get("/tickets?deleted=true&limit=100").json["items"]]
        refused(desk.anonymous.get(f"/tickets/embed/{ticket['embed_token']}"), 404, "NOT_FOUND")
        assert desk.admin.post(f"{path}/restore").status == 200
        assert desk.customer.get(path).json == ticket


class TestFollowers:
    def test_me_and_others(self, desk):
        path = f"/tickets/{desk.ticket()['id']}/followers"
        assert desk.agent.put(f"{path}/me").json == {"id": desk.agent.id, "name": "bob"}
        assert desk.agent.put(f"{path}/{desk.admin.id}").status == 200
        assert [person["name"] for person in desk.agent.get(path).json["items"]] == ["bob", "carol"]
        assert desk.agent.delete(f"{path}/me").status == 204
        refused(desk.agent.get(f"{path}/me"), 404, "NOT_FOUND")
        refused(desk.agent.put(f"{path}/{desk.customer.id}"), 404, "NOT_FOUND")
        refused(desk.customer.put(f"{path}/me"), 403, "FORBIDDEN")


class TestEmbeds:
    def test_four_facts_for_every_site(self, desk):
        ticket = desk.ticket(title="<b>Fire</b> & \"smoke\"")
        desk.agent.patch(f"/tickets/{ticket['id']}", {"status": "in_progress"})
        answer = desk.anonymous.get(f"/tickets/embed/{ticket['embed_token']}", origin="https://shop.example")
        shown = desk.customer.get(f"/tickets/{ticket['id']}").json
        assert answer.json == {"subject": ticket["title"], "status": "In Progress", "last_updated": shown["updated_at"],
                               "link": f"https://desk.example/tickets/{ticket['embed_token']}"}
        assert answer["access-control-allow-origin"] == "*"
        for unknown in (uuid.uuid4(), ticket["id"], "nonsense"):
            missing = refused(desk.anonymous.get(f"/tickets/embed/{unknown}"), 404, "NOT_FOUND")
            assert missing["access-control-allow-origin"] == "*"

    def test_the_page_behind_the_link(self, desk):
        ticket = desk.ticket(title="<b>Fire</b> & \"smoke\"")
        page = desk.anonymous.get(f"/tickets/{ticket['embed_token']}", accept="text/html,*/*")
        assert (page.status, page["content-type"]) == (200, "text/html; charset=utf-8")
        assert b"<b>Fire" not in page.body and b"&lt;b&gt;Fire&lt;/b&gt; &amp; &quot;smoke&quot;" in page.body
        assert "default-src 'none'" in page["content-security-policy"] and "unsafe" not in page["content-security-policy"]
        assert page["x-content-type-options"] == "nosniff"
        for accepted in ({}, {"accept": "*/*"}):
            assert desk.anonymous.get(f"/tickets/{ticket['embed_token']}", **accepted).body == page.body
        refused(desk.anonymous.get(f"/tickets/{ticket['embed_token']}", accept="application/json"), 401, "UNAUTHORIZED")
        refused(desk.anonymous.get(f"/tickets/{ticket['id']}", accept="text/html"), 401, "UNAUTHORIZED")
        refused(desk.other.get(f"/tickets/{ticket['embed_token']}", accept="text/html"), 404, "NOT_FOUND")

    def test_a_new_token(self, desk):
        ticket = desk.ticket()
        rotated = desk.customer.post(f"/tickets/{ticket['id']}/embed/rotate")
        assert rotated.status == 200 and rotated.json["embed_token"] != ticket["embed_token"]
        refused(desk.anonymous.get(f"/tickets/embed/{ticket['embed_token']}"), 404, "NOT_FOUND")
        history = desk.agent.get(f"/tickets/{ticket['id']}/history").body
        assert rotated.json["embed_token"].encode() not in history and ticket["embed_token"].encode() not in history


def test_what_lay_in_the_bin_for_thirty_days_is_gone(tmp_path):
    with staffed_desk("sqlite", tmp_path) as desk:
        old, kept = desk.ticket(), desk.ticket()
        desk.comment(old, content="WORDS")
        for ticket in (old, kept):
            assert desk.admin.delete(f"/tickets/{ticket['id']}").status == 204
        desk.martlet.stop()
        with contextlib.closing(sqlite3.connect(tmp_path / "martlet.db")) as file, file:
            days = 30 * 86_400_000
            file.execute("UPDATE tickets SET deleted_at = deleted_at - ? WHERE number = ?", (days, old["number"]))
        # The bin is emptied once at the start.
        martlet = Martlet(tmp_path, DATABASE_URL=desk.url, **UNLIMITED)
        try:
            admin = Client(martlet, desk.admin.token)
            for _ in range(100):
                found = admin.get(f"/tickets/{old['id']}")
                if found.status == 404:
                    break
                time.sleep(0.1)
            refused(found, 404, "NOT_FOUND")
            assert admin.post(f"/tickets/{kept['id']}/restore").status == 200
        finally:
            martlet.stop()
        with contextlib.closing(sqlite3.connect(tmp_path / "martlet.db")) as file:
            assert file.execute("SELECT count(*) FROM comments").fetchone() == (0,)
            assert file.execute("SELECT count(*) FROM events WHERE data LIKE '%WORDS%'").fetchone() == (0,)


def test_a_tag_changes_with_the_names_that_are_shown(desk):
    name = f"tagged.{uuid.uuid4().hex[:8]}"
    made = desk.admin.post("/users", {"email": f"{name}@example.com", "username": name, "password": "correct horse battery",
                                      "first_name": "Before", "last_name": "Wards", "role": "customer"}).json
    ticket = desk.admin.post("/tickets", {"title": "Tagged", "description": "It burns.", "requester": made["id"]}).json
    place = f"/tickets/{ticket['id']}"
    comment = desk.admin.post(f"{place}/comments", {"content": "I see."}).json
    tags = {path: desk.agent.get(path)["etag"] for path in (place, f"{place}?include=comments", f"{place}?include=history")}
    for path, tag in tags.items():
        assert desk.agent.get(path, if_none_match=tag).status == 304, path
    assert desk.admin.patch(f"/users/{made['id']}", {"first_name": "After"}).status == 200
    for path, tag in tags.items():
        answer = desk.agent.get(path, if_none_match=tag)
        assert answer.status == 200 and answer.json["requester"]["name"] == "After Wards", path
        # It is the same state all the same, for who wants to change it.
        assert desk.agent.get(path, if_match=tag).status == 200
    said = desk.agent.get(f"{place}/comments/{comment['id']}")["etag"]
    assert desk.agent.get(f"{place}/comments/{comment['id']}", if_none_match=said).status == 304
