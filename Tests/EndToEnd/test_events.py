"""The log over HTTP: `/events` and `/tickets/{ticket}/events`, as each reader is shown it."""

import pytest

from desks import ENGINES, running_desk


def read(client, path="/events", **query):
    """All events of a list, page by page."""
    query = {"limit": 100} | query
    events, cursor = [], None
    while True:
        pairs = query | ({"cursor": cursor} if cursor else {})
        answer = client.get(path + "?" + "&".join(f"{name}={value}" for name, value in pairs.items()))
        assert answer.status == 200, answer.body
        events += answer.json["items"]
        cursor = answer.json["next"]
        if cursor is None:
            return events


def of(client, ticket, **query):
    return read(client, f"/tickets/{ticket['id']}/events", **query)


def types(events):
    return [event["type"] for event in events]


def end(desk):
    """The last number of the log."""
    return max(event["seq"] for event in read(desk.admin))


def refused(answer, status, error):
    assert (answer.status, answer.json["error"]) == (status, error), answer.body
    return answer.json


@pytest.fixture
def story(desk):
    """A ticket to which something of each kind happened, and what was written on it."""
    ticket = desk.ticket()
    answer = desk.comment(ticket, desk.agent, content="Is it still burning?")
    note = desk.comment(ticket, desk.agent, content="Not again.", comment_type="private")
    assert desk.agent.patch(f"/tickets/{ticket['id']}", {"status": "resolved"}).status == 200
    assert desk.customer.patch(f"/tickets/{ticket['id']}", {"title": "Printer out"}).status == 200
    return ticket, answer, note


class TestOfATicket:
    def test_the_requester_reads_all_but_what_is_private(self, desk, story):
        ticket, answer, _ = story
        events = of(desk.customer, ticket)
        assert types(events) == ["ticket.created", "comment.created", "ticket.status_changed", "ticket.status_changed", "ticket.updated"]
        assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
        assert all(event["ticket_id"] == ticket["id"] for event in events)
        assert events[0]["actor"]["id"] == desk.customer.id and events[1]["actor"]["id"] == desk.agent.id
        assert events[4]["changes"] == {"title": {"from": "Printer on fire", "to": "Printer out"}}
        assert events[1]["data"]["id"] == answer["id"]

    def test_staff_read_what_is_private_too(self, desk, story):
        ticket, _, note = story
        for client in (desk.agent, desk.admin):
            told = [event for event in of(client, ticket) if event["data"]["id"] == note["id"]]
            assert types(told) == ["comment.created"] and told[0]["data"]["content"] == "Not again."

    def test_data_is_what_its_reader_would_get(self, desk, story):
        ticket, answer, note = story
        for client in (desk.customer, desk.agent, desk.admin):
            events = of(client, ticket)
            assert events[-1]["data"] == client.get(f"/tickets/{ticket['id']}").json
            for comment in (answer, note):
                got = client.get(f"/tickets/{ticket['id']}/comments/{comment['id']}")
                assert [event["data"] for event in events if event["data"]["id"] == comment["id"]] == ([got.json] if got.status == 200 else [])

    def test_by_number_by_type_and_from_somewhere(self, desk, story):
        ticket = story[0]
        events = read(desk.customer, f"/tickets/{ticket['number']}/events")
        assert events == of(desk.customer, ticket)
        assert of(desk.customer, ticket, types="comment.created,ticket.updated") == [events[1], events[4]]
        assert of(desk.customer, ticket, after=events[2]["seq"]) == events[3:]

    def test_nobody_else_learns_that_there_is_one(self, desk, story):
        refused(desk.other.get(f"/tickets/{story[0]['id']}/events"), 404, "NOT_FOUND")
        refused(desk.anonymous.get(f"/tickets/{story[0]['id']}/events"), 401, "UNAUTHORIZED")

    def test_words_that_were_taken_back_stay_with_the_staff(self, desk):
        ticket = desk.ticket()
        comment = desk.comment(ticket, desk.agent, content="The password is swordfish")
        place = f"/tickets/{ticket['id']}/comments/{comment['id']}"
        assert desk.agent.patch(place, {"content": "The password is swordfishes"}).status == 200
        assert desk.agent.delete(place).status == 204
        told = [event for event in of(desk.customer, ticket) if event["type"].startswith("comment.")]
        assert types(told) == ["comment.deleted"] and told[0]["data"]["content"] == ""
        assert types(of(desk.agent, ticket)).count("comment.updated") == 1
        assert not any(b"swordfish" in desk.customer.get(path).body for path in (f"/tickets/{ticket['id']}/events", "/events?limit=100"))

    def test_of_a_ticket_in_the_bin_only_admins_learn(self, desk, story):
        ticket = story[0]
        assert desk.admin.delete(f"/tickets/{ticket['id']}").status == 204
        for client in (desk.customer, desk.agent):
            refused(client.get(f"/tickets/{ticket['id']}/events"), 404, "NOT_FOUND")
            assert not [event for event in read(client) if event["ticket_id"] == ticket["id"]]
        assert types(of(desk.admin, ticket))[-1] == "ticket.deleted"
        assert desk.admin.post(f"/tickets/{ticket['id']}/restore").status == 200
        assert types(of(desk.customer, ticket))[-1] == "ticket.updated"


class TestOfTheDesk:
    def test_everybody_reads_what_is_theirs(self, desk):
        before = end(desk)
        mine, foreign = desk.ticket(), desk.ticket(desk.other)
        desk.comment(foreign, desk.agent, comment_type="private")
        someone = desk.register("New", "Comer")
        assert [event["ticket_id"] for event in read(desk.customer, after=before)] == [mine["id"]]
        assert [event["ticket_id"] for event in read(desk.other, after=before)] == [foreign["id"]]
        # All that a new customer may know of are the articles that the desk began with.
        assert {event["type"] for event in read(someone)} == {"article.created"} and read(someone, after=before) == []
        for client in (desk.agent, desk.admin):
            events = read(client, after=before)
            assert types(events) == ["ticket.created", "ticket.created", "comment.created", "user.created"]
            assert events[3]["data"]["id"] == someone.id and events[3]["ticket_id"] is None

    def test_a_page_at_a_time(self, desk):
        before = end(desk)
        tickets = [desk.ticket()["id"] for _ in range(5)]
        for client in (desk.customer, desk.agent):
            first = client.get(f"/events?after={before}&limit=2&count=true")
            assert first.json["total"] == 5 and [event["ticket_id"] for event in first.json["items"]] == tickets[:2]
            assert first["link"].endswith('; rel="next"')
            second = client.get(first["link"].split(">")[0].lstrip("<"))
            assert [event["ticket_id"] for event in second.json["items"]] == tickets[2:4]
            assert [event["ticket_id"] for event in read(client, after=before, limit=2)] == tickets
            assert [event["ticket_id"] for event in read(client, after=before, offset=3)] == tickets[3:]

    def test_who_goes_on_from_the_last_number_misses_nothing(self, desk):
        known = end(desk)
        for round in range(5):
            ticket = desk.ticket()
            desk.agent.patch(f"/tickets/{ticket['id']}", {"priority": "high"})
            events = read(desk.customer, after=known)
            assert types(events) == ["ticket.created", "ticket.updated"] and {event["ticket_id"] for event in events} == {ticket["id"]}
            known = events[-1]["seq"]
        assert read(desk.customer, after=known) == []

    def test_a_change_that_is_refused_or_changes_nothing_is_not_told(self, desk):
        ticket, before = desk.ticket(), end(desk)
        assert desk.agent.patch(f"/tickets/{ticket['id']}", {"title": ticket["title"]}).status == 200
        assert desk.customer.patch(f"/tickets/{ticket['id']}", {"status": "pending"}).status == 403
        assert desk.agent.patch(f"/tickets/{ticket['id']}", {"title": "x"}, if_match='"s99"').status == 412
        assert read(desk.admin, after=before) == []

    @pytest.mark.parametrize("query", ["after=-1", "after=x", "types=ticket.beamed", "limit=101", "cursor=x", "since=3"])
    def test_what_makes_no_sense_is_refused(self, desk, query):
        refused(desk.agent.get(f"/events?{query}"), 400, "BAD_REQUEST")

    def test_nobody_reads_it_unasked(self, desk):
        refused(desk.anonymous.get("/events"), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_agent_kept_to_their_own_work_reads_of_it_alone(engine, tmp_path):
    with running_desk(engine, tmp_path, AGENT_SCOPE="assigned") as desk:
        before = end(desk)
        free, taken = desk.ticket(), desk.ticket()
        assert desk.admin.patch(f"/tickets/{taken['id']}/assign", {"agent_id": desk.colleague.id}).status == 200
        assert [event["ticket_id"] for event in read(desk.agent, after=before)] == [free["id"]]
        assert {event["ticket_id"] for event in read(desk.colleague, after=before)} == {free["id"], taken["id"]}
        refused(desk.agent.get(f"/tickets/{taken['id']}/events"), 404, "NOT_FOUND")
        assert types(of(desk.colleague, taken)) == ["ticket.created", "ticket.assigned"]


def test_both_lists_are_described(document):
    for path in ("/events", "/tickets/{ticket}/events"):
        names = {parameter["name"] for parameter in document["paths"][path]["get"]["parameters"]}
        assert {"after", "types", "limit", "cursor", "offset", "count"} <= names
