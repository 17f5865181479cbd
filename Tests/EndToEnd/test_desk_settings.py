"""What an operator may set about tickets: who gets them, what agents see, when the closed stay closed."""

import collections
import concurrent.futures

import pytest

from desks import ENGINES, UNLIMITED, Client, refused, staffed_desk
from martlet import Martlet


class TestAutomaticAssignment:
    @pytest.mark.parametrize("way", ["round_robin", "least_loaded", "random"])
    def test_fifty_at_once_on_two_nodes(self, tmp_path, way):
        with staffed_desk("postgres", tmp_path, AUTO_ASSIGN=way) as desk:
            third = desk.person("dora", "agent")
            nodes = [desk.martlet, Martlet(tmp_path, AUTO_ASSIGN=way, DATABASE_URL=desk.url, **UNLIMITED)]
            try:
                with concurrent.futures.ThreadPoolExecutor(10) as pool:
                    tickets = list(pool.map(lambda number: self.open(nodes[number % 2], desk.customer.token, number), range(50)))
            finally:
                nodes[1].stop()
            agents = sorted([desk.agent.id, desk.colleague.id, third.id])
            turns = [ticket["assignee"]["id"] for ticket in sorted(tickets, key=lambda ticket: ticket["number"])]
            counts = collections.Counter(turns)
            assert set(counts) <= set(agents) and {ticket["status"] for ticket in tickets} == {"open"}
            if way != "random":
                assert sorted(counts.values()) == [16, 17, 17]
            if way == "round_robin":
                assert turns == [agents[number % 3] for number in range(50)]

    @staticmethod
    def open(node, token, number):
        client = Client(node, token)
        try:
            answer = client.post("/tickets", {"title": f"Fire {number}", "description": "At once."})
        finally:
            client.close()
        assert answer.status == 201, answer.body
        return answer.json

    def test_who_is_away_is_passed_over(self, tmp_path):
        with staffed_desk("sqlite", tmp_path, AUTO_ASSIGN="least_loaded") as desk:
            assert desk.agent.patch("/me", {"available": False}).status == 200
            assert [desk.ticket()["assignee"]["name"] for _ in range(3)] == ["carl"] * 3
            assert desk.colleague.patch("/me", {"available": False}).status == 200
            assert desk.ticket()["assignee"] is None
            assert desk.admin.patch("/me", {"available": True}).status == 200
            assert desk.ticket()["assignee"]["name"] == "carol"


@pytest.mark.parametrize("engine", ENGINES)
def test_agents_who_are_kept_to_their_own_work(tmp_path, engine):
    with staffed_desk(engine, tmp_path, AGENT_SCOPE="assigned") as desk:
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}"
        refused(desk.agent.patch(f"{path}/assign", {"agent": "carl"}), 403, "FORBIDDEN")
        assert desk.agent.patch(f"{path}/assign", {"agent": "bob"}).json["assignee"]["name"] == "bob"
        refused(desk.agent.patch(f"{path}/assign", {"agent": None}), 403, "FORBIDDEN")
        for method, at, body in (("GET", "", None), ("PATCH", "", {"title": "x"}), ("PATCH", "/assign", {"agent": "carl"}),
                                 ("POST", "/comments", {"content": "x"}), ("GET", "/comments", None), ("GET", "/history", None),
                                 ("GET", "/followers", None), ("PUT", "/followers/me", None), ("POST", "/embed/rotate", None)):
            assert refused(desk.colleague.request(method, path + at, body), 404, "NOT_FOUND").json["message"] == "Ticket not found"
        assert desk.colleague.get("/tickets").json["items"] == []
        assert [found["id"] for found in desk.admin.get("/tickets").json["items"]] == [ticket["id"]]
        assert desk.admin.patch(f"{path}/assign", {"agent": None}).status == 200
        assert desk.colleague.get(path).status == 200


def test_what_is_closed_stays_closed(tmp_path):
    with staffed_desk("sqlite", tmp_path, REOPEN_DAYS=0) as desk:
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}"
        assert desk.customer.patch(path, {"status": "closed"}).status == 200
        answer = refused(desk.customer.post(f"{path}/comments", {"content": "Again"}), 409, "CONFLICT")
        assert f"#{ticket['number']}" in answer.json["message"]
        refused(desk.customer.patch(path, {"status": "open"}), 409, "CONFLICT")
        desk.comment(ticket, desk.agent)
        assert desk.agent.patch(path, {"status": "open"}).status == 200
