"""Lists of tickets over HTTP: filters, orders, pages. Each test's tickets have a category of their own, for the desk is shared."""

import urllib.parse
import uuid

import pytest


def ids(client, path="/tickets", **query):
    """The ids of a whole list, page by page."""
    found, cursor = [], None
    for _ in range(100):
        pairs = query | ({"cursor": cursor} if cursor else {})
        answer = client.get(f"{path}?{urllib.parse.urlencode(pairs)}")
        assert answer.status == 200, answer.body
        found += [ticket["id"] for ticket in answer.json["items"]]
        cursor = answer.json["next"]
        if cursor is None:
            return found
    raise AssertionError("the list has no end")


def refused(answer, status, error):
    assert (answer.status, answer.json["error"]) == (status, error), answer.body
    return answer.json


@pytest.fixture
def category():
    return f"lists {uuid.uuid4()}"


@pytest.fixture
def tickets(desk, category):
    """Five of alice's and one of another's, the oldest first."""
    made = []
    for number in range(5):
        fields = {"priority": ["low", "urgent", "medium", "high", "medium"][number], "tags": ["even" if number % 2 == 0 else "odd"]}
        made.append(desk.ticket(desk.agent, category=category, requester=desk.customer.id, **fields))
    made.append(desk.ticket(desk.agent, category=category, requester=desk.other.id, type="question"))
    return [ticket["id"] for ticket in made]


class TestWho:
    def test_customers_list_their_own_and_staff_all(self, desk, tickets, category):
        assert ids(desk.customer, category=category) == tickets[4::-1]
        assert ids(desk.other, category=category) == tickets[5:]
        for client in (desk.agent, desk.admin):
            assert ids(client, category=category) == tickets[::-1]
        refused(desk.anonymous.get("/tickets/my"), 401, "UNAUTHORIZED")

    def test_a_customer_who_names_another_gets_nothing(self, desk, tickets, category):
        assert ids(desk.customer, category=category, requester=desk.other.id) == []

    def test_my_tickets_are_those_that_i_opened(self, desk, tickets):
        own = desk.ticket(desk.agent)
        assert own["id"] in ids(desk.agent, "/tickets/my", limit=100)
        assert not set(tickets) & set(ids(desk.agent, "/tickets/my", limit=100))
        assert ids(desk.other, "/tickets/my", limit=100)[0] == tickets[5]

    def test_what_is_in_the_bin_only_admins_list(self, desk, tickets, category):
        assert desk.admin.delete(f"/tickets/{tickets[0]}").status == 204
        assert tickets[0] not in ids(desk.agent, category=category)
        assert ids(desk.admin, category=category, deleted="true") == [tickets[0]]
        refused(desk.agent.get("/tickets?deleted=true"), 403, "FORBIDDEN")


class TestFilters:
    def test_each_of_them(self, desk, tickets, category):
        assert desk.agent.patch(f"/tickets/{tickets[0]}", {"status": "pending"}).status == 200
        assert desk.admin.patch(f"/tickets/{tickets[1]}/assign", {"agent_id": desk.agent.id}).status == 200
        assert desk.agent.patch(f"/tickets/{tickets[2]}", {"support_role": "technical"}).status == 200
        for query, places in [
            ({"status": "pending"}, [0]), ({"status": "pending,in_progress"}, [1, 0]),
            ({"priority": "high,urgent"}, [3, 1]), ({"tag": "odd"}, [3, 1]), ({"tag": "odd,even"}, [4, 3, 2, 1, 0]),
            ({"assignee": "me"}, [1]), ({"assignee": desk.agent.id}, [1]), ({"assignee": "none"}, [5, 4, 3, 2, 0]),
            ({"assignee": "none,me", "priority": "urgent"}, [1]), ({"requester": desk.other.id}, [5]), ({"type": "question"}, [5]),
            ({"support_role": "technical"}, [2]), ({"status": "closed"}, []), ({"priority": "medium", "tag": "even"}, [4, 2]),
        ]:
            assert ids(desk.agent, category=category, **query) == [tickets[place] for place in places], query

    def test_since_a_moment(self, desk, tickets, category):
        third = desk.agent.get(f"/tickets/{tickets[2]}").json
        later = [ticket for ticket in tickets[::-1] if desk.agent.get(f"/tickets/{ticket}").json["created_at"] > third["created_at"]]
        assert ids(desk.agent, category=category, created_after=third["created_at"]) == later
        last = max(desk.agent.get(f"/tickets/{ticket}").json["updated_at"] for ticket in tickets)
        changed = desk.comment({"id": tickets[0]}, desk.agent)
        assert changed["created_at"] > last
        assert ids(desk.agent, category=category, updated_after=last) == [tickets[0]]

    @pytest.mark.parametrize("query", [
        "status=lost", "priority=5", "assignee=bob", "requester=x", "created_after=yesterday", "sort=title", "limit=0", "limit=101",
        "offset=-1", "offset=10001", "count=maybe", "cursor=x", "colour=red"])
    def test_what_makes_no_sense_is_refused_by_name(self, desk, query):
        answer = refused(desk.agent.get(f"/tickets?{query}"), 400, "BAD_REQUEST")
        assert [fault["location"].split(".")[0] for fault in answer["errors"]] == [query.split("=")[0]]


class TestOrders:
    def test_each_of_them_both_ways(self, desk, tickets, category):
        assert desk.agent.patch(f"/tickets/{tickets[0]}", {"title": "Changed last"}).status == 200
        whole = {ticket: desk.agent.get(f"/tickets/{ticket}").json for ticket in tickets}
        rank = {"low": 1, "medium": 2, "high": 3, "urgent": 4}
        for order, place in {
            "created_at": lambda ticket: ticket["created_at"], "updated_at": lambda ticket: ticket["updated_at"],
            "number": lambda ticket: ticket["number"], "priority": lambda ticket: rank[ticket["priority"]],
        }.items():
            wanted = sorted(tickets, key=lambda ticket: (place(whole[ticket]), whole[ticket]["number"]))
            assert ids(desk.agent, category=category, sort=order, limit=2) == wanted, order
            assert ids(desk.agent, category=category, sort=f"-{order}", limit=2) == wanted[::-1], order


class TestPages:
    def test_each_ticket_once_and_in_order(self, desk, tickets, category):
        for limit in (1, 2, 5, 6, 100):
            assert ids(desk.agent, category=category, limit=limit) == tickets[::-1], limit

    def test_a_page_says_where_the_next_is(self, desk, tickets, category):
        first = desk.agent.get(f"/tickets?{urllib.parse.urlencode({'category': category, 'limit': 4, 'count': 'true'})}")
        assert first.json["total"] == 6
        address, rel = first["link"].split("; ")
        assert rel == 'rel="next"'
        second = desk.agent.get(address.strip("<>"))
        assert [ticket["id"] for ticket in second.json["items"]] == tickets[1::-1]
        assert second.json["next"] is None and second["link"] is None and "total" not in second.json

    def test_a_page_stays_where_it_is_while_tickets_come(self, desk, tickets, category):
        query = urllib.parse.urlencode({"category": category, "limit": 3})
        cursor = desk.agent.get(f"/tickets?{query}").json["next"]
        desk.ticket(desk.agent, category=category)
        assert [ticket["id"] for ticket in desk.agent.get(f"/tickets?{query}&cursor={cursor}").json["items"]] == tickets[2::-1]

    def test_by_offset_for_who_cannot_follow(self, desk, tickets, category):
        assert [ticket["id"] for ticket in desk.agent.get(
            f"/tickets?{urllib.parse.urlencode({'category': category, 'offset': 4, 'limit': 2})}").json["items"]] == tickets[1::-1]

    def test_a_cursor_is_of_its_own_list(self, desk, tickets, category):
        query = urllib.parse.urlencode({"category": category, "limit": 3})
        cursor = desk.agent.get(f"/tickets?{query}").json["next"]
        refused(desk.agent.get(f"/tickets?{query}&sort=priority&cursor={cursor}"), 400, "BAD_REQUEST")
        refused(desk.agent.get(f"/tickets/my?limit=3&cursor={cursor}"), 400, "BAD_REQUEST")
