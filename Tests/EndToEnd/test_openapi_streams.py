"""What the document says of the streams, whose messages no response can describe: held against what they say."""

import pytest
from jsonschema import Draft202012Validator

from desks import running_desk
from streams import DeskSocket, EventStream


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with running_desk("sqlite", tmp_path_factory.mktemp("streams")) as desk:
        yield desk


@pytest.fixture(scope="module")
def document(desk):
    return desk.anonymous.get("/openapi.json").json


@pytest.fixture(scope="module")
def fits(document):
    def check(path, side, message):
        schema = {**document["paths"][path]["get"]["x-messages"][side], "components": document["components"]}
        return [fault.message for fault in Draft202012Validator(schema).iter_errors(message)] == []

    return check


def parameters(document, path):
    return {(one["in"], one["name"]): one["schema"] for one in document["paths"][path]["get"]["parameters"]}


def test_where_to_begin_and_who_asks_is_documented(document):
    stream = parameters(document, "/events/stream")
    assert set(stream) == {("query", "after"), ("query", "types"), ("header", "Last-Event-ID")}
    assert "comment.created" in str(stream["query", "types"]) and stream["query", "after"]["type"] == "integer"
    for path in ("/ws", "/ws/tickets/{ticket}"):
        assert set(parameters(document, path)) == {("query", "token")}
        assert "101" in document["paths"][path]["get"]["responses"]


def test_events_of_the_stream_look_as_documented(desk, fits):
    desk.comment(desk.ticket())
    with EventStream(desk.martlet, desk.agent.token, path="/events/stream?after=0") as stream:
        rows = [stream.next() for _ in range(3)]
        assert all(fits("/events/stream", "server", row) for row in rows)
    assert not fits("/events/stream", "server", {**rows[0], "seq": "1"})


def test_the_stream_tells_only_what_was_asked_for(desk):
    ticket = desk.ticket()
    place = desk.agent.get(f"/tickets/{ticket['id']}/events").json["items"][-1]["seq"]
    path = f"/events/stream?after={place}&types=comment.created,ticket.updated"
    with EventStream(desk.martlet, desk.agent.token, path=path) as stream:
        desk.agent.patch(f"/tickets/{ticket['id']}", {"title": "Printer off"})
        desk.agent.post(f"/tickets/{ticket['id']}/assign", {"agent_id": desk.agent.id})
        desk.comment(ticket)
        assert [stream.next()["type"] for _ in range(2)] == ["ticket.updated", "comment.created"]
    assert desk.agent.get("/events/stream?types=drop.tables").status == 400


def test_frames_of_the_socket_look_as_documented(desk, fits):
    ticket = desk.ticket()
    with DeskSocket(desk.martlet, desk.agent.token, tickets=[ticket["id"]]) as live:
        desk.comment(ticket)
        live.say(type="drop")
        with DeskSocket(desk.martlet, desk.customer.token, tickets=[ticket["id"]]) as other:
            other.say(type="typing", ticket=ticket["id"])
            other.sync()
        frames = [live.next() for _ in range(5)] + [{"type": "authorized"}]
    assert {one["type"] for one in frames} == {"event", "error", "presence", "typing", "authorized"}
    assert all(fits("/ws", "server", one) for one in frames)
    assert not fits("/ws", "server", {"type": "rumour"})
    for said in ({"type": "authorize", "token": "x"}, {"type": "resume", "after": 1, "tickets": ["1"]}, {"type": "typing", "ticket": "1"}):
        assert fits("/ws", "client", said)
    assert not fits("/ws", "client", {"type": "drop"}) and not fits("/ws", "client", {})


def test_frames_of_the_chat_look_as_documented(desk, fits):
    ticket, path = desk.ticket(), "/ws/tickets/{ticket}"
    with DeskSocket(desk.martlet, desk.customer.token, path=f"/ws/tickets/{ticket['id']}") as chat:
        chat.say(content="Hello?")
        told = chat.next()
        chat.say(content="")
        refused = chat.next()
    assert told["content"] == "Hello?" and refused["error"] == "BAD_REQUEST"
    assert fits(path, "server", told) and fits(path, "server", refused)
    assert not fits(path, "server", {"content": "Hello?"})
    assert fits(path, "client", {"content": "Hello?"}) and not fits(path, "client", {})
