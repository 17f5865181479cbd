"""The CSR dialect (document 003) over HTTP: every request as it is printed, and what it refuses. Each on both engines."""

import re
import uuid

import pytest

from desks import ENGINES, Client, refused, running_desk, staffed_desk

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
FIELDS = ["assigned_to_id", "category", "created_at", "description", "id", "priority", "status", "title", "type", "user_id"]
DRAFT = {"title": "No sound", "description": "Since this morning.", "category": "hardware", "type": "problem"}


def sign_up(desk, name="Jane van Doe"):
    email = f"{uuid.uuid4().hex}@example.com"
    answer = desk.anonymous.post("/api/v1/auth/signup", {"email": email, "password": "securepassword", "full_name": name})
    assert answer.status == 201, answer.body
    return answer


def log_in(desk, email):
    answer = desk.anonymous.post("/api/v1/auth/login", {"email": email, "password": "securepassword"})
    assert answer.status == 200, answer.body
    return answer.json


@pytest.fixture
def jane(desk):
    """Signed up and logged in as the document prints it."""
    user = sign_up(desk).json
    tokens = log_in(desk, user["email"])
    client = Client(desk.martlet, tokens["access_token"])
    client.id, client.email, client.refresh = user["id"], user["email"], tokens["refresh_token"]
    return client


def create(client, **fields):
    answer = client.post("/api/v1/users/tickets", DRAFT | fields)
    assert answer.status == 200, answer.body
    return answer.json


class TestAuth:
    def test_sign_up(self, desk):
        answer = sign_up(desk)
        user = answer.json
        assert user == {"id": str(uuid.UUID(user["id"])), "email": user["email"], "full_name": "Jane van Doe", "role": "user"}
        assert answer["location"] == f"/users/{user['id']}"
        known = desk.admin.get(answer["location"]).json
        assert (known["name"], known["first_name"], known["last_name"], known["role"]) == ("Jane van Doe", "Jane", "van Doe", "customer")

    @pytest.mark.parametrize("name", ["x" * 200, "x" + " y" * 99, "Ł"])
    def test_names_of_every_length_go_into_the_log(self, desk, name):
        user = sign_up(desk, name).json
        assert user["full_name"] == name and desk.admin.get(f"/users/{user['id']}").json["name"] == name
        last = desk.admin.get("/events?types=user.created&limit=1&count=true").json["total"] - 1
        assert desk.admin.get(f"/events?types=user.created&offset={last}").json["items"][0]["data"]["name"] == name
        refused(desk.anonymous.post("/api/v1/auth/signup", {"email": "x@example.com", "password": "securepassword", "full_name": "x" * 201}), 400, "BAD_REQUEST")

    def test_a_second_sign_up_for_an_address_is_a_conflict(self, desk, jane):
        body = {"email": jane.email.upper(), "password": "securepassword", "full_name": "Jane"}
        assert refused(desk.anonymous.post("/api/v1/auth/signup", body), 409, "CONFLICT").json["message"] == "Email already registered"

    def test_nobody_signs_up_as_staff(self, desk):
        body = {"email": f"{uuid.uuid4().hex}@example.com", "password": "securepassword", "full_name": "Mallory", "role": "admin"}
        answer = desk.anonymous.post("/api/v1/auth/signup", body)
        assert (answer.status, answer.json["role"]) == (201, "user")
        assert desk.admin.get(f"/users/{answer.json['id']}").json["role"] == "customer"

    def test_all_that_is_wrong_is_told_at_once(self, desk):
        answer = refused(desk.anonymous.post("/api/v1/auth/signup", {"email": "nobody", "password": "short"}), 400, "BAD_REQUEST")
        assert sorted(fault["location"] for fault in answer.json["errors"]) == ["email", "full_name", "password"]

    def test_log_in(self, desk, jane):
        answer = desk.anonymous.post("/api/v1/auth/login", {"email": jane.email, "password": "securepassword"})
        assert answer.status == 200 and sorted(answer.json) == ["access_token", "refresh_token", "token_type"]
        assert answer.json["token_type"] == "bearer" and answer["cache-control"] == "no-store"

    def test_a_wrong_password_and_an_unknown_address_are_refused_alike(self, desk, jane):
        wrong = desk.anonymous.post("/api/v1/auth/login", {"email": jane.email, "password": "wrong password"})
        unknown = desk.anonymous.post("/api/v1/auth/login", {"email": "nobody@example.com", "password": "securepassword"})
        for answer in (wrong, unknown):
            assert refused(answer, 401, "UNAUTHORIZED").json["message"] == "Invalid credentials"

    def test_refresh(self, desk, jane):
        answer = desk.anonymous.post("/api/v1/auth/refresh", {"refresh_token": jane.refresh})
        assert answer.status == 200 and sorted(answer.json) == ["access_token", "refresh_token", "token_type"]
        assert answer.json["refresh_token"] != jane.refresh
        assert Client(desk.martlet, answer.json["access_token"]).get("/api/v1/users/tickets").status == 200
        # The first one was copied by somebody: both are out.
        refused(desk.anonymous.post("/api/v1/auth/refresh", {"refresh_token": jane.refresh}), 401, "UNAUTHORIZED")
        refused(desk.anonymous.post("/api/v1/auth/refresh", {"refresh_token": answer.json["refresh_token"]}), 401, "UNAUTHORIZED")

    def test_log_out(self, desk, jane):
        for _ in range(2):
            answer = desk.anonymous.post("/api/v1/auth/logout", {"refresh_token": jane.refresh})
            assert (answer.status, answer.json) == (200, {"msg": "Successfully logged out"})
        refused(desk.anonymous.post("/api/v1/auth/refresh", {"refresh_token": jane.refresh}), 401, "UNAUTHORIZED")
        refused(jane.get("/api/v1/users/tickets"), 401, "UNAUTHORIZED")


class TestOwnTickets:
    def test_create(self, desk, jane):
        ticket = create(jane)
        assert sorted(ticket) == FIELDS
        assert {name: ticket[name] for name in DRAFT} == DRAFT
        assert (ticket["status"], ticket["priority"], ticket["user_id"]) == ("open", "medium", jane.id)
        assert TIME.match(ticket["created_at"])
        # An agent has it at once, and nobody has looked at it yet.
        known = desk.admin.get(f"/tickets/{ticket['id']}").json
        assert known["assignee"]["id"] == ticket["assigned_to_id"] and known["status"] == "open"

    @pytest.mark.parametrize("name", DRAFT)
    def test_nothing_of_a_ticket_may_be_missing(self, jane, name):
        answer = jane.post("/api/v1/users/tickets", {field: value for field, value in DRAFT.items() if field != name})
        assert [fault["location"] for fault in refused(answer, 400, "BAD_REQUEST").json["errors"]] == [name]

    def test_fields_that_are_not_known_are_ignored(self, jane):
        assert create(jane, colour="red")["title"] == DRAFT["title"]

    def test_the_newest_ten_come_first(self, jane):
        ids = [create(jane, title=str(n))["id"] for n in range(12)][::-1]
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets").json] == ids[:10]
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?skip=10").json] == ids[10:]
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?skip=3&limit=4").json] == ids[3:7]
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?limit=1000").json] == ids
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?sort=created_at&order=asc&limit=3").json] == ids[::-1][:3]

    def test_by_status_and_category(self, desk, jane):
        first, second = create(jane), create(jane, category="software")
        assert desk.agent.patch(f"/api/v1/csr/tickets/{first['id']}", {"status": "resolved"}).status == 200
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?status=resolved").json] == [first["id"]]
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?status=open,in_progress").json] == [second["id"]]
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?category=software").json] == [second["id"]]
        assert jane.get("/api/v1/users/tickets?category=software&status=resolved").json == []

    def test_by_priority(self, desk, jane):
        low, high = create(jane), create(jane)
        for ticket, priority in ((low, "low"), (high, "high")):
            body = {"assignee_id": desk.agent.id, "priority": priority}
            assert desk.admin.post(f"/api/v1/csr/tickets/{ticket['id']}/assign", body).status == 200
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?sort=priority&order=asc").json] == [low["id"], high["id"]]
        assert [ticket["id"] for ticket in jane.get("/api/v1/users/tickets?sort=priority").json] == [high["id"], low["id"]]

    @pytest.mark.parametrize("query, location", [
        ("limit=0", "limit"), ("limit=1001", "limit"), ("skip=-1", "skip"), ("sort=colour", "sort"), ("order=up", "order"), ("status=new", "status.0")])
    def test_a_list_that_is_none(self, jane, query, location):
        answer = refused(jane.get(f"/api/v1/users/tickets?{query}"), 400, "BAD_REQUEST")
        assert [fault["location"] for fault in answer.json["errors"]] == [location]

    def test_one(self, desk, jane):
        ticket = create(jane)
        assert jane.get(f"/api/v1/users/tickets/{ticket['id']}").json == ticket
        for client in (desk.other, desk.agent, desk.admin):
            refused(client.get(f"/api/v1/users/tickets/{ticket['id']}"), 404, "NOT_FOUND")
        for name in (uuid.uuid4(), "nothing"):
            refused(jane.get(f"/api/v1/users/tickets/{name}"), 404, "NOT_FOUND")

    def test_nobody_has_none(self, desk):
        for method, path in (("POST", ""), ("GET", ""), ("GET", f"/{uuid.uuid4()}")):
            refused(desk.anonymous.request(method, "/api/v1/users/tickets" + path, DRAFT if method == "POST" else None), 401, "UNAUTHORIZED")


class TestStaffsTickets:
    def test_all_and_those_that_nobody_has(self, desk, jane):
        mine = create(jane)
        free = desk.ticket(jane)
        listed = [ticket["id"] for ticket in desk.agent.get("/api/v1/csr/tickets").json]
        assert listed.index(free["id"]) < listed.index(mine["id"])
        unassigned = desk.agent.get("/api/v1/csr/tickets?unassigned=true").json
        assert free["id"] in [ticket["id"] for ticket in unassigned] and {ticket["assigned_to_id"] for ticket in unassigned} == {None}
        assert desk.agent.get("/api/v1/csr/tickets?limit=2&skip=1").json == desk.agent.get("/api/v1/csr/tickets").json[1:3]
        assert {ticket["status"] for ticket in desk.agent.get("/api/v1/csr/tickets?status=open").json} == {"open"}

    def test_assign(self, desk, jane):
        ticket = create(jane)
        answer = desk.agent.post(f"/api/v1/csr/tickets/{ticket['id']}/assign", {"assignee_id": desk.colleague.id, "priority": "urgent"})
        assert answer.status == 200 and sorted(answer.json) == FIELDS
        assert (answer.json["assigned_to_id"], answer.json["priority"]) == (desk.colleague.id, "urgent")
        assert desk.agent.post(f"/api/v1/csr/tickets/{ticket['id']}/assign", {"assignee_id": desk.agent.id}).json["priority"] == "urgent"

    @pytest.mark.parametrize("body, location", [({}, "assignee_id"), ({"assignee_id": "nobody"}, "assignee_id"), ({"assignee_id": None, "priority": 7}, "priority")])
    def test_an_assignee_who_is_none(self, desk, jane, body, location):
        ticket = create(jane)
        answer = refused(desk.agent.post(f"/api/v1/csr/tickets/{ticket['id']}/assign", body), 400, "BAD_REQUEST")
        assert [fault["location"] for fault in answer.json["errors"]] == [location]
        answer = refused(desk.agent.post(f"/api/v1/csr/tickets/{ticket['id']}/assign", {"assignee_id": jane.id}), 400, "BAD_REQUEST")
        assert answer.json["errors"][0]["location"] == "assignee_id"

    @pytest.mark.parametrize("status", ["open", "in_progress", "resolved", "closed"])
    def test_update_status(self, desk, jane, status):
        ticket = create(jane)
        answer = desk.agent.patch(f"/api/v1/csr/tickets/{ticket['id']}", {"status": status})
        assert (answer.status, answer.json["status"]) == (200, status)
        assert jane.get(f"/api/v1/users/tickets/{ticket['id']}").json["status"] == status

    def test_a_status_that_is_none_and_a_move_that_is_none(self, desk, jane):
        path = f"/api/v1/csr/tickets/{create(jane)['id']}"
        for body in ({}, {"status": "done"}):
            assert refused(desk.agent.patch(path, body), 400, "BAD_REQUEST").json["errors"][0]["location"] == "status"
        assert desk.agent.patch(path, {"status": "closed"}).status == 200
        refused(desk.agent.patch(path, {"status": "resolved"}), 409, "CONFLICT")

    def test_they_are_the_staffs(self, desk, jane):
        id = create(jane)["id"]
        for method, path, body in (
                ("GET", "", None), ("POST", f"/{id}/assign", {"assignee_id": desk.agent.id}), ("PATCH", f"/{id}", {"status": "closed"})):
            refused(jane.request(method, "/api/v1/csr/tickets" + path, body), 403, "FORBIDDEN")
            refused(desk.anonymous.request(method, "/api/v1/csr/tickets" + path, body), 401, "UNAUTHORIZED")
        unknown = f"/api/v1/csr/tickets/{uuid.uuid4()}"
        refused(desk.agent.patch(unknown, {"status": "closed"}), 404, "NOT_FOUND")
        refused(desk.agent.post(unknown + "/assign", {"assignee_id": desk.agent.id}), 404, "NOT_FOUND")


@pytest.mark.parametrize("engine", ENGINES)
class TestWhoGetsATicket:
    def test_agents_in_turn(self, engine, tmp_path):
        with staffed_desk(engine, tmp_path) as desk:
            got = [create(desk.customer)["assigned_to_id"] for _ in range(6)]
            assert got == got[:2] * 3 and set(got) == {desk.agent.id, desk.colleague.id}
            # The rule of this dialect alone.
            assert desk.ticket(desk.customer)["assignee"] is None
            # Who is not there is passed over; when nobody is, nobody gets it.
            assert desk.colleague.patch("/me", {"available": False}).status == 200
            assert {create(desk.customer)["assigned_to_id"] for _ in range(3)} == {desk.agent.id}
            assert desk.agent.patch("/me", {"available": False}).status == 200
            assert create(desk.customer)["assigned_to_id"] is None

    def test_as_the_operator_says(self, engine, tmp_path):
        with staffed_desk(engine, tmp_path, AUTO_ASSIGN="off") as desk:
            assert create(desk.customer)["assigned_to_id"] is None


@pytest.mark.parametrize("engine", ENGINES)
def test_agents_who_are_kept_to_their_own_work(engine, tmp_path):
    with running_desk(engine, tmp_path, AGENT_SCOPE="assigned") as desk:
        ticket = desk.ticket()
        for assignee in (desk.colleague.id, None):
            assert desk.admin.post(f"/api/v1/csr/tickets/{ticket['id']}/assign", {"assignee_id": assignee}).status == 200
            seen = ticket["id"] in [row["id"] for row in desk.agent.get("/api/v1/csr/tickets").json]
            assert seen == (assignee is None)
        refused(desk.agent.post(f"/api/v1/csr/tickets/{ticket['id']}/assign", {"assignee_id": desk.colleague.id}), 403, "FORBIDDEN")
        assert desk.agent.post(f"/api/v1/csr/tickets/{ticket['id']}/assign", {"assignee_id": desk.agent.id}).status == 200
        refused(desk.colleague.patch(f"/api/v1/csr/tickets/{ticket['id']}", {"status": "closed"}), 404, "NOT_FOUND")


def test_signing_up_is_limited(start):
    martlet = start(AUTH_RATE_LIMIT=2, RATE_LIMIT=0)
    client = Client(martlet)
    statuses = {client.post("/api/v1/auth/login", {"email": f"{n}@example.com", "password": "securepassword"}).status for n in range(6)}
    assert statuses == {401, 429}
