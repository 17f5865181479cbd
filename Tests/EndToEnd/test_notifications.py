"""Notifications: who is told what, that nobody else learns of it by any way, and how one wants to be told."""

import time
import uuid

import pytest

from desks import ENGINES, refused, running_desk
from streams import DeskSocket, EventStream


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    with running_desk(request.param, tmp_path_factory.mktemp("notifications")) as desk:
        yield desk


def told(client, **query):
    answer = client.get("/notifications?" + "&".join(f"{name}={value}" for name, value in ({"limit": 100} | query).items()))
    assert answer.status == 200, answer.body
    return answer.json


def eventually(client, is_so):
    """People are told a moment after it happened."""
    for _ in range(200):
        page = told(client)
        if is_so(page):
            return page
        time.sleep(0.05)
    raise AssertionError(page)


def about(page, ticket):
    return [item["type"] for item in page["items"] if item["ticket"]["id"] == ticket["id"]]


@pytest.fixture
def people(desk):
    """A requester, an agent whose the ticket is, a follower, and their ticket."""
    requester, agent, follower = desk.register("Rita", "R"), desk.register("Anna", "A", role="agent"), desk.register("Fred", "F", role="agent")
    ticket = desk.ticket(requester)
    assert desk.admin.put(f"/tickets/{ticket['id']}/followers/{follower.id}").status == 200
    assert desk.admin.post(f"/tickets/{ticket['id']}/assign", {"agent": agent.id}).status == 200
    eventually(agent, lambda page: page["unread"] == 1)
    return requester, agent, follower, ticket


class TestWhoIsTold:
    def test_the_assignee_and_then_all_others_of_a_reply(self, desk, people):
        requester, agent, follower, ticket = people
        item = told(agent)["items"][0]
        assert item["type"] == "assigned" and item["actor"]["name"] and item["read_at"] is None and item["comment_id"] is None
        assert item["ticket"] == {"id": ticket["id"], "number": ticket["number"], "title": ticket["title"], "status": "in_progress"}
        comment = desk.comment(ticket, agent)
        page = eventually(requester, lambda page: "replied" in about(page, ticket))
        assert page["items"][0]["comment_id"] == comment["id"] and page["items"][0]["actor"]["id"] == agent.id
        eventually(follower, lambda page: "replied" in about(page, ticket))
        assert about(told(agent), ticket) == ["assigned"]

    def test_who_is_named_once_and_not_by_code(self, desk, people):
        requester, agent, follower, ticket = people
        name = follower.get("/me").json["username"]
        desk.comment(ticket, agent, content=f"Please look, @{name}. `@carol`", comment_type="private")
        assert about(eventually(follower, lambda page: "mentioned" in about(page, ticket)), ticket).count("mentioned") == 1
        assert "replied" not in about(told(follower), ticket)

    def test_the_requester_of_nothing_private(self, desk, people):
        requester, agent, follower, ticket = people
        before = len(told(requester)["items"])
        desk.comment(ticket, agent, content="Arson?", comment_type="private")
        desk.comment(ticket, agent, content="Public.")
        page = eventually(requester, lambda page: len(page["items"]) > before)
        assert len(page["items"]) == before + 1


class TestReading:
    def test_one_and_all_and_only_once(self, desk, people):
        requester, agent, follower, ticket = people
        for _ in range(3):
            desk.comment(ticket, requester)
        page = eventually(agent, lambda page: page["unread"] == 4)
        for _ in range(2):
            answer = agent.post(f"/notifications/{page['items'][0]['id']}/read")
            assert answer.status == 200 and answer.json["read_at"]
            assert told(agent)["unread"] == 3
        assert len(told(agent, unread="true")["items"]) == 3
        for read in (3, 0):
            assert agent.post("/notifications/read-all").json == {"read": read, "unread": 0}
        assert told(agent, unread="true") == {"items": [], "next": None, "unread": 0}
        assert len(told(agent)["items"]) == 4

    def test_another_s_is_not_there(self, desk, people):
        requester, agent, follower, ticket = people
        item = told(agent)["items"][0]
        for client in (requester, follower, desk.admin):
            refused(client.post(f"/notifications/{item['id']}/read"), 404, "NOT_FOUND")
        refused(agent.post(f"/notifications/{uuid.uuid4()}/read"), 404, "NOT_FOUND")
        refused(agent.post("/notifications/7/read"), 404, "NOT_FOUND")

    def test_pages(self, desk, people):
        requester, agent, follower, ticket = people
        for _ in range(4):
            desk.comment(ticket, requester)
        eventually(agent, lambda page: page["unread"] == 5)
        seen, path = [], "/notifications?limit=2&count=true"
        while path:
            answer = agent.get(path)
            seen += [item["id"] for item in answer.json["items"]]
            path = answer.json["next"] and f"/notifications?limit=2&cursor={answer.json['next']}"
        assert len(seen) == len(set(seen)) == 5

    def test_what_was_taken_back_and_binned_is_hidden(self, desk, people):
        requester, agent, follower, ticket = people
        comment = desk.comment(ticket, requester)
        eventually(agent, lambda page: "replied" in about(page, ticket))
        assert requester.delete(f"/tickets/{ticket['id']}/comments/{comment['id']}").status == 204
        assert about(told(agent), ticket) == ["assigned"]
        eventually(agent, lambda page: page["unread"] == 1)
        assert desk.admin.delete(f"/tickets/{ticket['id']}").status == 204
        assert about(told(agent), ticket) == []
        eventually(agent, lambda page: page["unread"] == 0)

    def test_whoever_is_staff_no_longer_sees_nothing_of_it(self, desk, people):
        requester, agent, follower, ticket = people
        assert desk.admin.patch(f"/users/{agent.id}", {"role": "customer"}).status == 200
        assert told(desk.signed_in(agent.email, agent.password))["items"] == []


class TestPreferences:
    def test_they_are_on_until_one_says_otherwise(self, desk):
        client = desk.register("Pia", "P")
        answer = client.get("/me/preferences")
        on = {"in_app": True, "mail": True}
        assert answer.json == {"assigned": on, "replied": on, "mentioned": on, "status_changed": on}
        changed = client.patch("/me/preferences", {"replied": {"mail": False}}, if_match=answer["etag"])
        assert changed.status == 200 and changed.json == answer.json | {"replied": {"in_app": True, "mail": False}}
        refused(client.patch("/me/preferences", {"replied": {"mail": True}}, if_match=answer["etag"]), 412, "PRECONDITION_FAILED")
        again = client.patch("/me/preferences", {"replied": {"mail": False}})
        assert (again.status, again["etag"]) == (200, changed["etag"])
        assert client.get("/me/preferences", if_none_match=changed["etag"]).status == 304

    def test_what_is_wrong_is_told_at_once(self, desk):
        answer = desk.customer.patch("/me/preferences", {"replied": {"sms": True}, "all": False, "assigned": {"mail": "yes"}})
        refused(answer, 400, "BAD_REQUEST")
        assert {fault["location"] for fault in answer.json["errors"]} == {"replied.sms", "all", "assigned.mail"}

    def test_what_is_off_is_not_told(self, desk, people):
        requester, agent, follower, ticket = people
        assert follower.patch("/me/preferences", {"replied": {"in_app": False}}).status == 200
        before = told(follower)["unread"]
        desk.comment(ticket, agent, content="One.", comment_type="private")
        desk.comment(ticket, agent, content="@fred two.", comment_type="private")
        name = follower.get("/me").json["username"]
        desk.comment(ticket, agent, content=f"@{name} three.", comment_type="private")
        page = eventually(follower, lambda page: "mentioned" in about(page, ticket))
        assert "replied" not in about(page, ticket) and page["unread"] > before


class TestTheEvent:
    def test_it_is_its_persons_alone_in_the_log(self, desk, people):
        requester, agent, follower, ticket = people
        seq = lambda client: [row for row in client.get("/events?types=notification.created&limit=100").json["items"] if row["ticket_id"] == ticket["id"]]
        rows = seq(agent)
        assert [row["data"]["type"] for row in rows] == ["assigned"]
        assert rows[0]["data"] == told(agent)["items"][0]
        for client in (desk.admin, desk.agent, desk.other):
            assert seq(client) == []
        events = agent.get(f"/tickets/{ticket['id']}/events").json["items"]
        assert events and all(row["type"] != "notification.created" for row in events)

    def test_it_comes_live_to_them_and_to_nobody_else(self, desk, people):
        requester, agent, follower, ticket = people
        with (
            EventStream(desk.martlet, follower.token) as theirs,
            EventStream(desk.martlet, desk.admin.token) as others,
            EventStream(desk.martlet, requester.token) as requesters,
            DeskSocket(desk.martlet, follower.token) as socket,
        ):
            name = follower.get("/me").json["username"]
            desk.comment(ticket, agent, content=f"@{name}: arson?", comment_type="private")
            row = theirs.next()
            while row["type"] != "notification.created":
                row = theirs.next()
            assert row["data"]["type"] == "mentioned" and row["data"]["ticket"]["id"] == ticket["id"]
            # Without subscribing to anything.
            assert socket.row() == row
            last = desk.comment(ticket, requester, content="Hello?")
            for stream in (others, requesters):
                rows = []
                while not rows or (rows[-1]["type"], rows[-1]["data"].get("id")) != ("comment.created", last["id"]):
                    rows.append(stream.next())
                assert all(row["type"] != "notification.created" for row in rows)

    def test_of_all_who_listen_each_gets_their_own_alone(self, desk, people):
        """Over both transports, to all kinds of people, with the ticket subscribed to by all who may."""
        requester, agent, follower, ticket = people
        listeners = [requester, agent, follower, desk.other, desk.colleague, desk.admin]
        streams = {client: EventStream(desk.martlet, client.token) for client in listeners}
        sockets = {
            client: DeskSocket(desk.martlet, client.token, tickets=[] if client is desk.other else [ticket["id"]]) for client in listeners}
        name = follower.get("/me").json["username"]
        desk.comment(ticket, agent, content=f"@{name}, look: a private word.", comment_type="private")
        desk.comment(ticket, agent, content="A public word.")
        desk.comment(ticket, requester, content="Thank you.")
        expected = {requester: ["replied"], agent: ["replied"], follower: ["mentioned", "replied", "replied"]}
        for client, types in expected.items():
            eventually(client, lambda page: [type for type in about(page, ticket) if type in ("replied", "mentioned")][::-1] == types)
        for client in listeners:
            # A ticket of their own is the last of what they hear.
            end = desk.ticket(client)
            sockets[client].say(type="subscribe", ticket=end["id"])
            sockets[client].sync()
            last = desk.comment(end, client)["id"]
            for live in (streams[client].next, sockets[client].row):
                told = []
                row = live()
                while row["data"]["id"] != last:
                    if row["type"] == "notification.created" and row["ticket_id"] == ticket["id"]:
                        told.append(row["data"])
                    row = live()
                assert [item["type"] for item in told] == expected.get(client, []), (listeners.index(client), told)
                own = {item["id"] for item in client.get("/notifications?limit=100").json["items"]}
                assert {item["id"] for item in told} <= own
            rows = client.get("/events?types=notification.created&limit=100").json["items"]
            assert {row["data"]["id"] for row in rows} <= own
        for one in [*streams.values(), *sockets.values()]:
            one.close()
