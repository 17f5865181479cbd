"""The Live dialect (document 004) over HTTP: every request, object, limit and error as it is printed. Each on both engines."""

import time
import uuid

import pytest

from desks import ENGINES, Client, refused, running_desk
from signing import hs256

SECRET = "a-secret-shared-with-a-backend"
TICKET = ["created_at", "description", "id", "issue_level", "status", "support_role", "topic", "updated_at", "user_id", "user_role"]
MESSAGE = ["attachments", "author_id", "author_name", "content", "created_at", "id", "ticket_id", "updated_at"]
FOREIGN = ["http://example.com/attachment1.png", "HTTPS://example.com/attachment2.png?a=ä"]


@pytest.fixture(scope="module", params=ENGINES)
def live(request, tmp_path_factory):
    """A desk that believes who knows the secret, as every desk of the document does."""
    with running_desk(request.param, tmp_path_factory.mktemp("live"), DELEGATED_JWT_SECRET=SECRET) as desk:
        yield desk


def vouched(desk, role="CUSTOMER", **claims):
    """Somebody with a payload as the document has it."""
    name = f"p-{uuid.uuid4().hex[:8]}"
    client = Client(desk.martlet, hs256({"id": name, "username": f"Name of {name}", "email": f"{name}@example.com", "role": role} | claims, SECRET))
    client.id = name
    return client


@pytest.fixture
def person(live):
    return vouched(live)


def create(client, **fields):
    answer = client.post("/api/v1/tickets", {"topic": "No sound", "description": "Since this morning."} | fields)
    assert answer.status == 201, answer.body
    return answer.json


def write(client, ticket, **fields):
    answer = client.post(f"/api/v1/tickets/{ticket['id']}/messages", {"content": "Hello"} | fields)
    assert answer.status == 201, answer.body
    return answer.json


class TestTickets:
    def test_create(self, live, person):
        before = int(time.time())
        answer = person.post("/api/v1/tickets", {"topic": "No sound", "description": "Since this morning."})
        ticket = answer.json
        assert answer.status == 201 and sorted(ticket) == TICKET
        assert answer["location"] == f"/api/v1/tickets/{ticket['id']}"
        assert (ticket["topic"], ticket["description"], ticket["user_id"]) == ("No sound", "Since this morning.", person.id)
        assert (ticket["status"], ticket["user_role"], ticket["support_role"], ticket["issue_level"]) == ("ACTIVE", "CUSTOMER", "GENERAL", "NORMAL")
        assert before <= ticket["created_at"] <= ticket["updated_at"] <= before + 10
        assert isinstance(ticket["created_at"], int) and ticket["id"] == str(uuid.UUID(ticket["id"]))
        assert live.agent.get(f"/tickets/{ticket['id']}").json["title"] == "No sound"

    @pytest.mark.parametrize("role", ["TEMP_USER", "CUSTOMER", "AGENT", "ADMIN"])
    def test_every_role_of_a_token(self, live, role):
        assert create(vouched(live, role))["user_role"] == role

    def test_somebody_with_an_account_here_goes_by_our_id(self, live):
        client = live.register("Lea", "Local")
        assert create(client)["user_id"] == client.id

    def test_what_is_wrong_is_told_as_the_document_has_it(self, person):
        answer = refused(person.post("/api/v1/tickets", {"topic": ""}), 400, "BAD_REQUEST")
        assert answer.json["message"] == "Invalid form of body"
        faults = {fault["location"]: fault for fault in answer.json["errors"]}
        assert sorted(faults) == ["description", "topic"] and faults["topic"]["type"] == "string_too_short"
        assert all(fault["message"] for fault in faults.values()) and faults["topic"]["context"] == {"min_length": 1}

    def test_fields_that_are_not_known_are_ignored(self, person):
        assert create(person, colour="red")["topic"] == "No sound"

    def test_one(self, live, person):
        ticket = create(person)
        for client in (person, live.agent, live.admin):
            answer = client.get(f"/api/v1/tickets/{ticket['id']}")
            assert (answer.status, answer.json) == (200, ticket)
        refused(vouched(live).get(f"/api/v1/tickets/{ticket['id']}"), 404, "NOT_FOUND")
        for name in (uuid.uuid4(), "nothing"):
            assert refused(person.get(f"/api/v1/tickets/{name}"), 404, "NOT_FOUND").json["message"]

    @pytest.mark.parametrize("priority, level", [("low", "NORMAL"), ("medium", "NORMAL"), ("high", "URGENT"), ("urgent", "CRITICAL")])
    def test_levels(self, live, priority, level):
        client, agent = live.register("Lea", "Local"), vouched(live, "AGENT")
        ticket = live.ticket(client)
        assert live.agent.patch(f"/tickets/{ticket['id']}", {"priority": priority, "support_role": "technical"}).status == 200
        for reader in (client, agent):
            found = reader.get(f"/api/v1/tickets/{ticket['id']}").json
            assert (found["issue_level"], found["support_role"]) == (level, "TECHNICAL")

    @pytest.mark.parametrize("status, word", [
        ("open", "ACTIVE"), ("in_progress", "ACTIVE"), ("pending", "ACTIVE"), ("resolved", "ACTIVE"), ("closed", "CLOSED")])
    def test_statuses(self, live, person, status, word):
        ticket = create(person)
        assert live.agent.patch(f"/tickets/{ticket['id']}", {"status": status}).status == 200
        assert person.get(f"/api/v1/tickets/{ticket['id']}").json["status"] == word
        assert [row["id"] for row in person.get("/api/v1/tickets").json] == ([ticket["id"]] if word == "ACTIVE" else [])

    def test_all_are_ones_own_and_staff_see_all(self, live, person):
        other = vouched(live)
        tickets = [create(person), create(person)][::-1]
        theirs = create(other)
        assert person.get("/api/v1/tickets").json == tickets
        assert person.get("/api/v1/tickets?limit=1&colour=red").json == tickets[:1]
        rows = vouched(live, "AGENT").get("/api/v1/tickets").json
        assert [row for row in rows if row["user_id"] in (person.id, other.id)] == [theirs, *tickets]

    def test_what_is_private_does_not_show_in_the_time_of_change(self, live, person):
        ticket = create(person)
        time.sleep(1.1)
        live.comment(ticket, live.agent, content="Arson.", comment_type="private")
        assert person.get(f"/api/v1/tickets/{ticket['id']}").json["updated_at"] == ticket["updated_at"]
        assert live.agent.get(f"/api/v1/tickets/{ticket['id']}").json["updated_at"] > ticket["updated_at"]


class TestMessages:
    def test_send(self, live, person):
        ticket = create(person)
        answer = person.post(f"/api/v1/tickets/{ticket['id']}/messages", {"content": "Hello"})
        message = answer.json
        assert answer.status == 201 and sorted(message) == MESSAGE
        assert (message["ticket_id"], message["author_id"], message["author_name"]) == (ticket["id"], person.id, f"Name of {person.id}")
        assert (message["content"], message["attachments"]) == ("Hello", [])
        assert isinstance(message["created_at"], int) and message["created_at"] == message["updated_at"] >= ticket["created_at"]
        own = live.agent.get(answer["location"]).json
        assert (own["id"], own["content"], own["comment_type"]) == (message["id"], "Hello", "public")

    def test_all_of_a_ticket_oldest_first_and_none_that_is_private(self, live, person):
        ticket, agent = create(person), vouched(live, "AGENT")
        first = write(person, ticket)
        live.comment(ticket, live.agent, content="Arson.", comment_type="private")
        second = write(agent, ticket, content="On my way.")
        for client in (person, agent, live.admin):
            assert client.get(f"/api/v1/tickets/{ticket['id']}/messages").json == [first, second]
        assert person.get(f"/api/v1/tickets/{ticket['id']}/messages?limit=1").json == [first]
        assert second["author_id"] == agent.id
        assert live.agent.get(f"/tickets/{ticket['id']}").json["status"] == "in_progress"

    def test_addresses_elsewhere_are_kept_as_they_are(self, live, person):
        ticket = create(person)
        message = write(person, ticket, attachments=FOREIGN)
        assert message["attachments"] == FOREIGN
        assert person.get(f"/api/v1/tickets/{ticket['id']}/messages").json == [message]
        own = live.agent.get(f"/tickets/{ticket['id']}/comments/{message['id']}").json["attachments"]
        assert own == [{"id": None, "name": url, "size": None, "content_type": None, "url": url} for url in FOREIGN]
        told = live.agent.get(f"/tickets/{ticket['id']}/events?types=comment.created").json["items"][0]["data"]
        assert told["attachments"] == own

    def test_they_go_with_the_message(self, live, person):
        ticket = create(person)
        message = write(person, ticket, attachments=FOREIGN)
        assert person.delete(f"/tickets/{ticket['id']}/comments/{message['id']}").status == 204
        assert person.get(f"/api/v1/tickets/{ticket['id']}/messages").json == []
        deleted = live.agent.get(f"/tickets/{ticket['id']}/events?types=comment.deleted").json["items"][0]["data"]
        assert (deleted["content"], deleted["attachments"]) == ("", [])

    @pytest.mark.parametrize("attachment", [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://example.com/x", "//example.com/x", "http://", "http:///x",
        "http://exa mple.com", "https://example.com/\n", "https://example.com/" + "x" * 2048, "", 7, "01890000-0000-7000-8000-000000000000"])
    def test_what_is_no_address_and_no_file_of_ours(self, live, attachment):
        person = live.register("Lea", "Local")
        ticket = live.ticket(person)
        answer = person.post(f"/api/v1/tickets/{ticket['id']}/messages", {"content": "Hello", "attachments": ["http://example.com", attachment]})
        assert [fault["location"] for fault in refused(answer, 400, "BAD_REQUEST").json["errors"]] == ["attachments.1"]

    def test_twenty_at_most(self, live, person):
        ticket = create(person)
        assert len(write(person, ticket, attachments=FOREIGN[:1] * 20)["attachments"]) == 20
        refused(person.post(f"/api/v1/tickets/{ticket['id']}/messages", {"content": "x", "attachments": FOREIGN[:1] * 21}), 400, "BAD_REQUEST")

    def test_a_closed_ticket_takes_none_from_anybody(self, live, person):
        ticket = create(person)
        assert live.agent.patch(f"/tickets/{ticket['id']}", {"status": "closed"}).status == 200
        for client in (person, vouched(live, "AGENT"), vouched(live, "ADMIN")):
            answer = client.post(f"/api/v1/tickets/{ticket['id']}/messages", {"content": "Hello"})
            assert refused(answer, 403, "FORBIDDEN").json["message"] == "This action is not allowed on a closed ticket"
        assert person.get(f"/api/v1/tickets/{ticket['id']}/messages").json == []
        # Every other way in opens it again, as ever.
        assert person.post(f"/tickets/{ticket['id']}/comments", {"content": "It burns again."}).status == 201
        assert person.get(f"/api/v1/tickets/{ticket['id']}").json["status"] == "ACTIVE"
        write(person, ticket)

    def test_anothers_ticket_is_none(self, live, person):
        ticket, other = create(person), vouched(live)
        refused(other.get(f"/api/v1/tickets/{ticket['id']}/messages"), 404, "NOT_FOUND")
        refused(other.post(f"/api/v1/tickets/{ticket['id']}/messages", {"content": "Hello"}), 404, "NOT_FOUND")

    def test_a_message_without_words(self, person):
        ticket = create(person)
        for body in ({}, {"content": ""}, {"content": None}):
            answer = refused(person.post(f"/api/v1/tickets/{ticket['id']}/messages", body), 400, "BAD_REQUEST")
            assert [fault["location"] for fault in answer.json["errors"]] == ["content"]


ROUTES = [
    ("POST", "/api/v1/tickets", 3), ("GET", "/api/v1/tickets", 30), ("GET", "/api/v1/tickets/{ticket}", 30),
    ("POST", "/api/v1/tickets/{ticket}/messages", 15), ("GET", "/api/v1/tickets/{ticket}/messages", 15)]


class TestCredentials:
    @pytest.mark.parametrize("method, pattern, _", ROUTES)
    def test_a_token_is_needed(self, live, person, method, pattern, _):
        path = pattern.replace("{ticket}", str(uuid.uuid4()))
        for credential in (None, "Bearer bad", "bad", "Basic YTpi", hs256({"id": "x", "username": "x", "email": "x@example.com", "role": "ADMIN"}, "another")):
            fields = {} if credential is None else {"authorization": credential}
            answer = refused(live.anonymous.request(method, path, {} if method == "POST" else None, **fields), 401, "UNAUTHORIZED")
            assert answer["www-authenticate"] == "Bearer" and answer.json["message"]

    def test_it_may_stand_alone(self, live, person):
        ticket = create(person)
        bare = Client(live.martlet)
        for method, pattern, _ in ROUTES:
            body = {"topic": "x", "description": "x", "content": "x"} if method == "POST" else None
            answer = bare.request(method, pattern.replace("{ticket}", ticket["id"]), body, authorization=person.token)
            assert answer.status == (201 if method == "POST" else 200), (method, pattern, answer.body)
        # Here and nowhere else.
        refused(bare.get("/tickets/my", authorization=person.token), 401, "UNAUTHORIZED")
        refused(bare.get("/api/v1/users/tickets", authorization=person.token), 401, "UNAUTHORIZED")

    def test_our_own_tokens_and_keys_work_as_well(self, live):
        client = live.register("Lea", "Local")
        assert Client(live.martlet).get("/api/v1/tickets", authorization=client.token).json == []
        key = live.agent.post("/api-keys", {"name": "ears", "scopes": ["read"]}).json["key"]
        reader = Client(live.martlet)
        assert reader.get("/api/v1/tickets", authorization=key).status == 200
        refused(reader.post("/api/v1/tickets", {"topic": "x", "description": "x"}, authorization=key), 403, "FORBIDDEN")


def room_in_this_minute(client):
    """Waits, if need be, until what follows fits into one minute of the server's clock."""
    left = int(client.get("/api/v1/tickets")["ratelimit-reset"])
    if left < 8:
        time.sleep(left + 0.2)


class TestLimits:
    @pytest.mark.parametrize("method, pattern, limit", ROUTES)
    def test_so_many_in_a_minute_of_the_clock(self, live, method, pattern, limit):
        ticket = live.ticket(live.customer)["id"]
        person, other = vouched(live), vouched(live)
        path = pattern.replace("{ticket}", ticket)
        room_in_this_minute(live.admin)
        for number in range(limit):
            # Faulty ones count as well.
            answer = person.request(method, path, {} if method == "POST" else None)
            assert answer.status in (200, 400, 404), answer.body
            assert (answer["ratelimit-limit"], answer["ratelimit-remaining"]) == (str(limit), str(limit - 1 - number))
        answer = refused(person.request(method, path, {} if method == "POST" else None), 429, "RATELIMIT")
        assert answer.json["message"] == f"You are being ratelimited only {limit} per 1 minute request are allowed"
        assert 1 <= int(answer["retry-after"]) <= 60 and answer["ratelimit-remaining"] == "0"
        # It is this person's, and this route's.
        assert other.request(method, path, {} if method == "POST" else None).status != 429
        for another, elsewhere, _ in ROUTES:
            if (another, elsewhere) != (method, pattern):
                assert person.request(another, elsewhere.replace("{ticket}", ticket), {} if another == "POST" else None).status != 429

    def test_whatever_token_the_person_brings(self, live):
        person = live.register("Lea", "Local")
        again = live.signed_in(person.email, person.password)
        room_in_this_minute(live.admin)
        statuses = [client.post("/api/v1/tickets", {}).status for client in (person, again, person, again)]
        assert statuses == [400, 400, 400, 429]

    def test_who_is_nobody_does_not_count(self, live, person):
        for _ in range(5):
            assert live.anonymous.post("/api/v1/tickets", {}).status == 401
        assert create(person)["user_id"] == person.id
