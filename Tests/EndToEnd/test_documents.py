"""The requests of the documents that the server grew from, as printed there, and what they refuse. Each on both engines.

000 is the ticket system with `/register`, `/create` and `/reply`; 001 the one with `/auth`, tickets, comments and articles; 002 the
one with `/auth/token` and the embed address."""

import re
import uuid
from urllib.parse import urlencode

import pytest

from desks import ENGINES, Client, database
from martlet import Martlet

WORDS_000 = {"open", "closed"}
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def refused(answer, status, error):
    """Whether it is a refusal in the one shape that all have."""
    assert (answer.status, answer.json["error"]) == (status, error), answer.body
    assert answer.json["message"] and answer.json["request_id"] == answer["x-request-id"]
    return answer.json


@pytest.fixture(scope="module")
def john(desk):
    """Registered and signed in as the document prints it."""
    answer = desk.anonymous.post(
        "/register", {"username": "John", "email": "john@example.com", "password": "securepassword", "role": "customer"})
    assert answer.status == 201, answer.body
    john = answer.json
    assert john == {"message": "User registered successfully", "user_id": str(uuid.UUID(john["user_id"])), "role": "customer"}
    answer = desk.anonymous.post("/login", {"email": "john@example.com", "password": "securepassword"})
    assert answer.status == 200 and sorted(answer.json) == ["role", "token"]
    assert answer.json["role"] == "customer"
    client = Client(desk.martlet, answer.json["token"])
    client.id = john["user_id"]
    return client


class Test000:
    """Ticket Support System API: the Classic dialect."""

    @pytest.fixture
    def created(self, john):
        answer = john.post("/create", {"title": "Can't access my account", "description": "I've tried resetting password", "priority": "high"})
        assert answer.status == 201, answer.body
        return answer.json

    def test_an_address_is_registered_once(self, desk, john):
        answer = desk.anonymous.post("/register", {"username": "J", "email": "JOHN@example.com", "password": "securepassword", "role": "customer"})
        assert refused(answer, 409, "CONFLICT")["message"] == "Email already registered"

    def test_a_wrong_password_and_an_unknown_address_are_refused_alike(self, desk, john):
        wrong = desk.anonymous.post("/login", {"email": "john@example.com", "password": "wrong password"})
        unknown = desk.anonymous.post("/login", {"email": "nobody@example.com", "password": "securepassword"})
        assert refused(wrong, 401, "UNAUTHORIZED")["message"] == refused(unknown, 401, "UNAUTHORIZED")["message"] == "Invalid credentials"

    def test_fields_that_are_not_known_are_ignored(self, desk, john):
        assert desk.anonymous.post("/login", {"email": "john@example.com", "password": "securepassword", "remember": True}).status == 200

    def test_the_demo_lets_staff_register(self, desk):
        body = {"username": "Ada", "email": f"{uuid.uuid4().hex}@example.com", "password": "securepassword", "role": "agent"}
        answer = desk.anonymous.post("/register", body)
        assert (answer.status, answer.json["role"]) == (201, "agent")

    def test_a_customer_creates_a_ticket(self, john, created):
        assert sorted(created) == ["created_at", "created_by", "description", "id", "number", "priority", "status", "title"]
        assert created["title"] == "Can't access my account" and created["description"] == "I've tried resetting password"
        assert (created["priority"], created["status"], created["created_by"]) == ("high", "open", john.id)
        assert TIME.match(created["created_at"]) and created["number"] > 0

    def test_a_title_is_enough(self, john):
        answer = john.post("/create", {"title": "Help"})
        assert (answer.status, answer.json["priority"], answer.json["description"]) == (201, "medium", "")

    def test_who_may_not_create(self, desk):
        refused(desk.anonymous.post("/create", {"title": "x"}), 401, "UNAUTHORIZED")
        refused(desk.agent.post("/create", {"title": "x"}), 403, "FORBIDDEN")
        refused(desk.admin.post("/create", {"title": "x"}), 403, "FORBIDDEN")

    def test_a_ticket_without_a_title_is_refused(self, john):
        assert [fault["location"] for fault in refused(john.post("/create", {}), 400, "BAD_REQUEST")["errors"]] == ["title"]

    def test_staff_reply_and_the_id_comes_back_as_it_was_sent(self, desk, john, created):
        for name in (created["number"], str(created["number"]), created["id"]):
            answer = desk.agent.post("/reply", {"reply_text": "Please try resetting via OTP", "ticket_id": name})
            assert answer.status == 201, answer.body
            reply = answer.json
            assert sorted(reply) == ["agent_id", "created_at", "id", "reply_text", "ticket_id"]
            assert (reply["ticket_id"], reply["agent_id"], reply["reply_text"]) == (name, desk.agent.id, "Please try resetting via OTP")
        seen = john.get(f"/tickets/{created['id']}/comments").json["items"]
        assert [comment["comment_type"] for comment in seen] == ["public"] * 3

    def test_who_may_not_reply_and_to_what(self, desk, john, created):
        body = {"reply_text": "x", "ticket_id": created["number"]}
        refused(desk.anonymous.post("/reply", body), 401, "UNAUTHORIZED")
        refused(john.post("/reply", body), 403, "FORBIDDEN")
        refused(desk.agent.post("/reply", body | {"ticket_id": 999_999_999}), 404, "NOT_FOUND")
        refused(desk.agent.post("/reply", body | {"ticket_id": "no-such-ticket"}), 404, "NOT_FOUND")
        refused(desk.agent.post("/reply", {"ticket_id": created["number"]}), 400, "BAD_REQUEST")

    def test_all_tickets_without_a_credential(self, desk, created):
        answer = desk.anonymous.get("/tickets")
        assert answer.status == 200
        for ticket in answer.json:
            assert sorted(ticket) == ["created_at", "id", "number", "priority", "status", "title"]
            assert ticket["status"] in WORDS_000
        assert created["number"] in [ticket["number"] for ticket in answer.json]
        assert len(desk.anonymous.get("/tickets?limit=1").json) == 1
        assert desk.anonymous.get("/tickets?colour=red").status == 200

    def test_a_bad_credential_gets_nothing(self, desk):
        refused(Client(desk.martlet, "bad").get("/tickets"), 401, "UNAUTHORIZED")

    def test_the_tickets_of_a_person(self, desk, john, created):
        closed = john.post("/create", {"title": "Closed"}).json
        assert desk.agent.patch(f"/tickets/{closed['id']}", {"status": "resolved"}).status == 200
        for staff in (desk.agent, desk.admin):
            every = staff.get(f"/tickets/{john.id}").json
            assert all(sorted(ticket) == ["created_at", "priority", "status", "title"] for ticket in every)
            still, done = (staff.get(f"/tickets/{john.id}/{which}").json for which in ("open", "resolved"))
            assert {ticket["status"] for ticket in still} == {"open"} and {ticket["status"] for ticket in done} == {"closed"}
            assert [ticket["title"] for ticket in done] == ["Closed"]
            assert len(every) == len(still) + len(done)

    def test_who_may_not_list_a_persons_tickets(self, desk, john):
        for path in (f"/tickets/{john.id}", f"/tickets/{john.id}/open", f"/tickets/{john.id}/resolved"):
            refused(desk.anonymous.get(path), 401, "UNAUTHORIZED")
            assert john.get(path).status in (403, 404)
            assert john.get(path).status == desk.other.get(path).status
        for path in (f"/tickets/{uuid.uuid4()}", f"/tickets/{uuid.uuid4()}/open", "/tickets/x/open"):
            refused(desk.agent.get(path), 404, "NOT_FOUND")

    def test_outside_of_the_demo_it_is_closed(self, start):
        martlet = start(AUTH_RATE_LIMIT=0, ADMIN_EMAIL="root@example.com", ADMIN_PASSWORD="correct-horse-battery")
        anonymous = Client(martlet)
        refused(anonymous.get("/tickets"), 401, "UNAUTHORIZED")
        staff = {"username": "A", "email": "a@example.com", "password": "securepassword", "role": "admin"}
        refused(anonymous.post("/register", staff), 403, "FORBIDDEN")
        signed = anonymous.post("/login", {"email": "root@example.com", "password": "correct-horse-battery"}).json
        assert signed["role"] == "admin"
        answer = Client(martlet, signed["token"]).post("/register", staff)
        assert (answer.status, answer.json["role"]) == (201, "admin")
        customer = staff | {"role": "customer", "email": "c@example.com"}
        assert anonymous.post("/register", customer).status == 201
        token = anonymous.post("/login", {"email": "c@example.com", "password": "securepassword"}).json["token"]
        refused(Client(martlet, token).post("/register", staff | {"email": "b@example.com"}), 403, "FORBIDDEN")
        refused(Client(martlet, "bad").post("/register", customer), 401, "UNAUTHORIZED")
        faults = refused(anonymous.post("/register", {"email": "x", "password": "short", "role": "king"}), 400, "BAD_REQUEST")["errors"]
        assert {fault["location"] for fault in faults} == {"username", "email", "password", "role"}


@pytest.fixture(scope="module")
def user(desk):
    answer = desk.anonymous.post(
        "/auth/register", {"email": "user@example.com", "password": "password123", "first_name": "John", "last_name": "Doe"})
    assert answer.status == 201, answer.body
    registered = answer.json
    assert registered["token"] == registered["access_token"] and registered["refresh_token"]
    assert (registered["token_type"], registered["expires_in"]) == ("bearer", 900)
    user = registered["user"]
    assert (user["email"], user["first_name"], user["last_name"], user["name"], user["role"]) == (
        "user@example.com", "John", "Doe", "John Doe", "customer")
    answer = desk.anonymous.post("/auth/login", {"email": "user@example.com", "password": "password123"})
    assert answer.status == 200 and answer.json["user"]["id"] == user["id"]
    client = Client(desk.martlet, answer.json["token"])
    client.id = user["id"]
    return client


class Test001:
    """Support Ticketing System Backend: accounts, tickets and comments."""

    @pytest.fixture
    def created(self, user):
        answer = user.post("/tickets", {
            "title": "Login Issue", "description": "Cannot login to the application", "priority": "high", "category": "authentication",
            "tags": ["login", "urgent"]})
        assert answer.status == 201, answer.body
        return answer.json

    def test_registering_twice_is_a_conflict(self, desk, user):
        body = {"email": "User@Example.com", "password": "password123", "first_name": "J", "last_name": "D"}
        refused(desk.anonymous.post("/auth/register", body), 409, "CONFLICT")

    def test_all_that_is_wrong_is_told_at_once(self, desk):
        answer = desk.anonymous.post("/auth/register", {"email": "no address", "password": "short", "nickname": "x"})
        faults = refused(answer, 400, "BAD_REQUEST")["errors"]
        assert {"email", "password", "nickname", "first_name", "last_name"} <= {fault["location"] for fault in faults}

    def test_a_sign_in_that_is_none(self, desk, user):
        wrong = desk.anonymous.post("/auth/login", {"email": "user@example.com", "password": "password124"})
        unknown = desk.anonymous.post("/auth/login", {"email": "nobody@example.com", "password": "password123"})
        assert refused(wrong, 401, "UNAUTHORIZED")["message"] == refused(unknown, 401, "UNAUTHORIZED")["message"] == "Invalid credentials"

    def test_a_ticket_is_created(self, user, created):
        assert created["title"] == "Login Issue" and created["description"] == "Cannot login to the application"
        assert (created["priority"], created["category"], created["tags"], created["status"]) == (
            "high", "authentication", ["login", "urgent"], "open")
        assert created["requester"]["id"] == user.id and created["assignee"] is None

    def test_who_may_not_create_one_and_how_not(self, desk, user):
        refused(desk.anonymous.post("/tickets", {"title": "x", "description": "y"}), 401, "UNAUTHORIZED")
        answer = user.post("/tickets", {"title": "", "priority": "enormous", "colour": "red"})
        faults = {fault["location"] for fault in refused(answer, 400, "BAD_REQUEST")["errors"]}
        assert faults == {"title", "description", "priority", "colour"}

    def test_tickets_are_listed(self, desk, user, created):
        for client in (user, desk.agent, desk.admin):
            answer = client.get("/tickets?status=open&priority=high&limit=20&offset=0")
            assert answer.status == 200, answer.body
            found = answer.json["items"]
            assert created["id"] in [ticket["id"] for ticket in found]
            assert {(ticket["status"], ticket["priority"]) for ticket in found} == {("open", "high")}
        assert {ticket["requester"]["id"] for ticket in user.get("/tickets").json["items"]} == {user.id}
        refused(user.get("/tickets?limit=101"), 400, "BAD_REQUEST")
        refused(user.get("/tickets?stauts=open"), 400, "BAD_REQUEST")

    def test_staff_update_a_ticket(self, desk, created):
        answer = desk.agent.put(f"/tickets/{created['id']}", {"status": "in_progress", "priority": "medium"})
        assert answer.status == 200, answer.body
        assert (answer.json["status"], answer.json["priority"], answer.json["title"]) == ("in_progress", "medium", "Login Issue")

    def test_a_requester_does_not_sort_tickets(self, desk, user, created):
        refused(user.put(f"/tickets/{created['id']}", {"status": "in_progress", "priority": "medium"}), 403, "FORBIDDEN")
        refused(desk.other.put(f"/tickets/{created['id']}", {"title": "Mine"}), 404, "NOT_FOUND")
        refused(desk.anonymous.put(f"/tickets/{created['id']}", {"title": "Mine"}), 401, "UNAUTHORIZED")

    def test_a_comment_is_added(self, desk, user, created):
        answer = desk.agent.post(f"/tickets/{created['id']}/comments", {"content": "Working on this issue", "comment_type": "public"})
        assert answer.status == 201, answer.body
        assert (answer.json["content"], answer.json["comment_type"], answer.json["author"]["id"]) == (
            "Working on this issue", "public", desk.agent.id)
        assert [comment["id"] for comment in user.get(f"/tickets/{created['id']}/comments").json["items"]] == [answer.json["id"]]

    def test_a_private_comment_stays_with_the_staff(self, desk, user, created):
        before = user.get(f"/tickets/{created['id']}")
        assert desk.agent.post(f"/tickets/{created['id']}/comments", {"content": "A secret", "comment_type": "internal"}).json["comment_type"] == "private"
        assert user.get(f"/tickets/{created['id']}/comments").json["items"] == []
        after = user.get(f"/tickets/{created['id']}")
        assert (after.json, after["etag"]) == (before.json, before["etag"])
        refused(user.post(f"/tickets/{created['id']}/comments", {"content": "x", "comment_type": "private"}), 403, "FORBIDDEN")

    def test_comments_that_are_none(self, desk, user, created):
        path = f"/tickets/{created['id']}/comments"
        refused(user.post(path, {"content": ""}), 400, "BAD_REQUEST")
        refused(desk.other.post(path, {"content": "x"}), 404, "NOT_FOUND")
        refused(desk.anonymous.post(path, {"content": "x"}), 401, "UNAUTHORIZED")
        refused(desk.agent.post("/tickets/999999999/comments", {"content": "x"}), 404, "NOT_FOUND")

    def test_it_is_in_good_health(self, desk):
        assert desk.anonymous.get("/health").json["status"] == "ok"


@pytest.fixture(scope="module")
def people(desk):
    """alice, bob and carol, by the form."""
    people = {}
    for name in ("alice", "bob", "carol"):
        answer = desk.anonymous.post(
            "/auth/token", urlencode({"username": name, "password": f"{name}123"}), content_type="application/x-www-form-urlencoded")
        assert answer.status == 200, answer.body
        assert {"access_token", "token_type"} <= set(answer.json) and answer.json["token_type"] == "bearer"
        people[name] = Client(desk.martlet, answer.json["access_token"])
    return people


class Test002:
    """Ticket Management API: the three people, their tickets, and the address for a chatbot."""

    @pytest.fixture
    def created(self, people):
        answer = people["alice"].post("/tickets/", {"title": "App Crash", "description": "It crashes on start"})
        assert answer.status == 201, answer.body
        return answer.json

    def test_the_form_is_a_form(self, desk):
        refused(desk.anonymous.post("/auth/token", {"username": "alice", "password": "alice123"}), 415, "UNSUPPORTED_MEDIA_TYPE")
        form = "application/x-www-form-urlencoded"
        whole = urlencode({"grant_type": "password", "username": "alice", "password": "alice123", "scope": "", "client_id": "x"})
        assert desk.anonymous.post("/auth/token", whole, content_type=form).status == 200
        refused(desk.anonymous.post("/auth/token", "username=alice&password=wrong", content_type=form), 401, "UNAUTHORIZED")
        refused(desk.anonymous.post("/auth/token", "username=alice", content_type=form), 400, "BAD_REQUEST")

    def test_customers_see_the_tickets_they_submitted(self, people, created):
        mine = people["alice"].get("/tickets/my")
        assert mine.status == 200 and created["id"] in [ticket["id"] for ticket in mine.json["items"]]
        assert created["id"] not in [ticket["id"] for ticket in people["bob"].get("/tickets/my").json["items"]]

    def test_who_may_view_a_ticket(self, desk, people, created):
        for name in ("alice", "bob", "carol"):
            answer = people[name].get(f"/tickets/{created['id']}")
            assert (answer.status, answer.json["id"]) == (200, created["id"])
            assert people[name].get(f"/tickets/{created['number']}/").json["id"] == created["id"]
        refused(desk.other.get(f"/tickets/{created['id']}"), 404, "NOT_FOUND")
        refused(desk.anonymous.get(f"/tickets/{created['id']}"), 401, "UNAUTHORIZED")

    def test_staff_view_all_tickets(self, people, created):
        for name in ("bob", "carol"):
            assert created["id"] in [ticket["id"] for ticket in people[name].get("/tickets/").json["items"]]

    def test_an_agent_updates_the_status(self, people, created):
        answer = people["bob"].patch(f"/tickets/{created['id']}", {"status": "resolved"})
        assert (answer.status, answer.json["status"]) == (200, "resolved")
        refused(people["alice"].patch(f"/tickets/{created['id']}", {"status": "pending"}), 403, "FORBIDDEN")

    def test_an_admin_assigns_a_ticket(self, desk, people, created):
        answer = people["carol"].patch(f"/tickets/{created['id']}/assign", {"agent_id": desk.agent.id})
        assert answer.status == 200, answer.body
        assert (answer.json["assignee"]["id"], answer.json["status"]) == (desk.agent.id, "in_progress")
        assert people["carol"].patch(f"/tickets/{created['id']}/assign", {"agent": "bob"}).status == 200
        refused(people["alice"].patch(f"/tickets/{created['id']}/assign", {"agent": "bob"}), 403, "FORBIDDEN")
        refused(people["carol"].patch(f"/tickets/{created['id']}/assign", {"agent": "alice"}), 400, "BAD_REQUEST")

    def test_the_embed_address_gives_four_facts_to_anybody(self, desk, people, created):
        assert uuid.UUID(created["embed_token"]).version == 4
        people["bob"].patch(f"/tickets/{created['id']}", {"status": "in_progress"})
        answer = desk.anonymous.get(f"/tickets/embed/{created['embed_token']}", origin="https://anywhere.example")
        assert answer.status == 200 and answer["access-control-allow-origin"] == "*"
        facts = answer.json
        assert sorted(facts) == ["last_updated", "link", "status", "subject"]
        assert (facts["subject"], facts["status"]) == ("App Crash", "In Progress") and TIME.match(facts["last_updated"])
        assert facts["link"].endswith(f"/tickets/{created['embed_token']}")

    def test_an_embed_token_that_is_none(self, desk):
        refused(desk.anonymous.get(f"/tickets/embed/{uuid.uuid4()}"), 404, "NOT_FOUND")
        refused(desk.anonymous.get("/tickets/embed/no-token"), 404, "NOT_FOUND")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_flag_makes_the_demo_and_says_so(engine, tmp_path):
    with database(engine, tmp_path) as url:
        for _ in range(2):  # a second start finds its people there
            martlet = Martlet(tmp_path, "--demo", DATABASE_URL=url, AUTH_RATE_LIMIT=0)
            assert martlet.wait_for_line("DEMO IS ON: everybody knows the passwords of this desk. Never run it where others can reach it")
            for name, role in (("alice", "customer"), ("bob", "agent"), ("carol", "admin")):
                answer = Client(martlet).post("/login", {"email": name, "password": f"{name}123"})
                assert (answer.status, answer.json["role"]) == (200, role)
            assert Client(martlet).get("/tickets", origin="http://127.0.0.1:5501")["access-control-allow-origin"] == "*"
            martlet.stop()
