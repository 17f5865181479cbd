"""The Live dialect's sockets, with the Python client of Socket.IO that others wrote, over each of its ways."""

import threading
import time
import uuid

import pytest
import socketio

from desks import ENGINES, Client, running_desk
from test_permissions import SECRET, token_of_theirs

NAMES = ["authorized", "error", "message", "edit_message", "delete_message", "ticket_closed"]


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    with running_desk(request.param, tmp_path_factory.mktemp("live"), DELEGATED_JWT_SECRET=SECRET) as desk:
        yield desk


class Listener:
    """A client of the sockets, and all that it has heard."""

    def __init__(self, desk, transports=("websocket",), query="", auth=None, headers=None):
        self.heard, self.has_news, self.is_out = [], threading.Condition(), threading.Event()
        self.client = socketio.Client(reconnection=False)
        for name in NAMES:
            self.client.on(name, lambda data, name=name: self.note(name, data))
        self.client.on("disconnect", lambda *_: self.is_out.set())
        self.client.connect(desk.martlet.url + query, transports=list(transports), auth=auth, headers=headers or {}, wait_timeout=10)

    def note(self, name, data):
        with self.has_news:
            self.heard.append((name, data))
            self.has_news.notify_all()

    def next(self):
        """What comes next, which it must within ten seconds."""
        with self.has_news:
            assert self.has_news.wait_for(lambda: self.heard, 10), "nothing came"
            return self.heard.pop(0)

    def authorize(self, token):
        return self.client.call("authorize", {"token": token}, timeout=10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.disconnect()


def vouched(desk, role, name=None):
    name = name or uuid.uuid4().hex
    client = Client(desk.martlet, token_of_theirs(SECRET, id=name, username=name, email=f"{name}@example.com", role=role))
    client.name = name
    return client


def say(client, ticket, content):
    answer = client.post(f"/api/v1/tickets/{ticket['id']}/messages", {"content": content})
    assert answer.status == 201, answer.body
    return answer.json


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]], ids="+".join)
def test_what_happens_to_a_ticket_is_told_to_both_sides(desk, transports):
    customer, agent = vouched(desk, "CUSTOMER"), vouched(desk, "AGENT")
    with Listener(desk, transports) as theirs, Listener(desk, transports, query=f"?token={agent.token}") as ours:
        assert theirs.authorize(customer.token) is True
        assert theirs.next() == ours.next() == ("authorized", {"message": "User successfully authorized"})
        ticket = customer.post("/api/v1/tickets", {"topic": "Printer on fire", "description": "It burns."}).json
        assert agent.put(f"/tickets/{ticket['id']}/followers/me").status == 200

        message = say(agent, ticket, "On our way.")
        assert theirs.next() == ("message", message) and message["author_id"] == agent.name
        message = say(customer, ticket, "Hurry!")
        assert ours.next() == ("message", message)
        path = f"/tickets/{ticket['id']}/comments/{message['id']}"
        assert customer.patch(path, {"content": "Hurry, please!"}).status == 200
        name, edited = ours.next()
        assert (name, edited["id"], edited["content"]) == ("edit_message", message["id"], "Hurry, please!")
        assert customer.delete(path).status == 204
        name, deleted = ours.next()
        assert (name, deleted["id"], deleted["content"]) == ("delete_message", message["id"], "")
        # Nobody hears their own words, and the requester nothing that is private.
        assert agent.post(f"/tickets/{ticket['id']}/comments", {"content": "Arson?", "comment_type": "private"}).status == 201
        assert agent.patch(f"/tickets/{ticket['id']}", {"status": "closed"}).status == 200
        closed = customer.get(f"/api/v1/tickets/{ticket['id']}").json
        assert closed["status"] == "CLOSED"
        assert theirs.next() == ours.next() == ("ticket_closed", closed)
        assert theirs.heard == ours.heard == []


def test_staff_hear_of_what_is_theirs_and_of_nothing_else(desk):
    with Listener(desk) as bob:
        assert bob.authorize(desk.agent.token) is True
        assert bob.next()[0] == "authorized"
        foreign, own = desk.ticket(), desk.ticket()
        assert desk.admin.post(f"/tickets/{own['id']}/assign", {"agent": "bob"}).status == 200
        desk.comment(foreign)
        comment = desk.comment(own)
        name, message = bob.next()
        assert (name, message["id"]) == ("message", comment["id"])


def test_a_customer_hears_nothing_of_others(desk):
    with Listener(desk) as olga:
        assert olga.authorize(desk.other.token) is True
        assert olga.next()[0] == "authorized"
        desk.comment(desk.ticket(), desk.agent)
        comment = desk.comment(desk.ticket(desk.other), desk.agent)
        assert olga.next()[1]["id"] == comment["id"]


@pytest.mark.parametrize("way", ["auth", "query", "header", "bare header"])
def test_a_token_may_come_with_the_connection(desk, way):
    token = desk.customer.token
    brings = {
        "auth": {"auth": {"token": token}}, "query": {"query": f"?token={token}"},
        "header": {"headers": {"Authorization": f"Bearer {token}"}}, "bare header": {"headers": {"Authorization": token}}}[way]
    with Listener(desk, **brings) as listener:
        assert listener.next() == ("authorized", {"message": "User successfully authorized"})


def test_who_shows_no_good_token_is_told_and_stays(desk):
    with Listener(desk, query="?token=bad") as listener:
        assert listener.next() == ("error", {"message": "A valid credential is needed"})
        for said in ({"token": "bad"}, {}, [], None, {"token": 7}):
            assert listener.client.call("authorize", said, timeout=10) is False
            assert listener.next()[0] == "error"
        listener.client.emit("no such event", {"x": 1})
        assert listener.next() == ("error", {"message": "There is no event no such event"})
        desk.comment(desk.ticket(), desk.agent)
        assert listener.authorize(desk.customer.token) is True
        assert listener.next()[0] == "authorized" and listener.heard == []


def test_whoever_signs_out_or_is_demoted_is_out_within_a_second(desk):
    leaving, demoted = desk.register("Lea", "Leaving"), desk.register("Dan", "Demoted", role="agent")
    with Listener(desk) as one, Listener(desk, ["polling"]) as two:
        assert one.authorize(leaving.token) and two.authorize(demoted.token)
        began = time.monotonic()
        assert desk.anonymous.post("/auth/logout", {"refresh_token": leaving.refresh}).status == 200
        assert desk.admin.patch(f"/users/{demoted.id}", {"role": "customer"}).status == 200
        assert one.is_out.wait(5) and two.is_out.wait(5)
        assert [name for name, _ in one.heard] == [name for name, _ in two.heard] == ["authorized", "error"]
        assert time.monotonic() - began < 5
