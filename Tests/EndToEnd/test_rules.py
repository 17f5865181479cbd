"""What holds for every route: repetition, concurrency, faults, limits, ids. Asked of a few routes, and where it is cheap of all."""

import http.client
import json
import re
import threading
import time
import uuid

import pytest

from desks import Client, running_desk
from streams import DeskSocket

BODY = {"title": "Printer on fire", "description": "It burns."}


def key():
    return uuid.uuid4().hex


def refused(answer, status, error):
    assert (answer.status, answer.json["error"]) == (status, error), answer.body
    return answer.json


class TestIdempotency:
    def test_the_first_answer_comes_again(self, desk):
        name = key()
        first = desk.customer.post("/tickets", BODY, idempotency_key=name)
        again = desk.customer.post("/tickets", BODY, idempotency_key=name)
        assert (first.status, first["idempotency-replayed"]) == (201, None)
        assert (again.status, again["idempotency-replayed"], again.body) == (201, "true", first.body)
        assert (again["location"], again["etag"]) == (first["location"], first["etag"])

    @pytest.mark.parametrize("method, body", [("PATCH", {"title": "Printer out"}), ("PUT", {"title": "Printer out"})])
    def test_changes_are_repeated_too(self, desk, method, body):
        ticket, name = desk.ticket(), key()
        first = desk.customer.request(method, f"/tickets/{ticket['id']}", body, idempotency_key=name)
        desk.customer.patch(f"/tickets/{ticket['id']}", {"title": "Meanwhile"})
        again = desk.customer.request(method, f"/tickets/{ticket['id']}", body, idempotency_key=name)
        assert (first.status, again.status, again.body, again["idempotency-replayed"]) == (200, 200, first.body, "true")
        assert desk.customer.get(f"/tickets/{ticket['id']}").json["title"] == "Meanwhile"

    def test_the_dialects_routes_are_repeated_too(self, desk):
        number = desk.ticket()["number"]
        for client, path, body in (
            (desk.customer, "/create", {"title": "Printer on fire"}),
            (desk.agent, "/reply", {"reply_text": "On our way.", "ticket_id": number}),
        ):
            name = key()
            first, again = (client.post(path, body, idempotency_key=name) for _ in range(2))
            assert (first.status, again.status, again.body, again["idempotency-replayed"]) == (201, 201, first.body, "true")
            refused(client.post(path, body | {"more": 1}, idempotency_key=name), 422, "UNPROCESSABLE")

    def test_a_removal_is_repeated_too(self, desk):
        ticket, name = desk.ticket(), key()
        first = desk.admin.delete(f"/tickets/{ticket['id']}", idempotency_key=name)
        again = desk.admin.delete(f"/tickets/{ticket['id']}", idempotency_key=name)
        assert (first.status, again.status, again["idempotency-replayed"]) == (204, 204, "true")

    def test_another_body_is_refused_also_when_it_means_the_same(self, desk):
        name = key()
        assert desk.customer.post("/tickets", '{"title":"a","description":"b"}', content_type="application/json", idempotency_key=name).status == 201
        for body in ('{"title":"c","description":"b"}', '{"title": "a", "description": "b"}'):
            answer = desk.customer.post("/tickets", body, content_type="application/json", idempotency_key=name)
            refused(answer, 422, "UNPROCESSABLE")

    def test_a_key_belongs_to_a_caller_a_method_and_a_path(self, desk):
        name, ticket = key(), desk.ticket()
        answers = [
            desk.customer.post("/tickets", BODY, idempotency_key=name),
            desk.other.post("/tickets", BODY, idempotency_key=name),
            desk.customer.put(f"/tickets/{ticket['id']}", {"title": "a"}, idempotency_key=name),
            desk.customer.patch(f"/tickets/{ticket['id']}", {"title": "b"}, idempotency_key=name),
        ]
        assert [answer.status for answer in answers] == [201, 201, 200, 200]
        assert not any(answer["idempotency-replayed"] for answer in answers)
        assert len({answers[0].json["id"], answers[1].json["id"]}) == 2

    def test_at_once_it_has_its_effect_once(self, desk):
        name, answers = key(), []
        start = threading.Barrier(8)

        def ask():
            client = Client(desk.martlet, desk.customer.token)
            start.wait(10)
            answers.append(client.post("/tickets", BODY | {"title": name}, idempotency_key=name))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert {answer.status for answer in answers} <= {201, 409}, [answer.body for answer in answers]
        assert len({answer.json["id"] for answer in answers if answer.status == 201}) == 1
        assert len([1 for answer in answers if answer.status == 201 and not answer["idempotency-replayed"]]) == 1
        assert [t["title"] for t in desk.customer.get("/tickets?limit=20").json["items"]].count(name) == 1

    def test_an_answer_for_another_role_is_not_given_again(self, desk):
        agent, ticket, name = desk.register("Dana", "Demoted", role="agent"), desk.ticket(), key()
        body = {"content": f"Secret {name}", "comment_type": "private"}
        path = f"/tickets/{ticket['id']}/comments"
        assert agent.post(path, body, idempotency_key=name).status == 201
        assert agent.post(path, body, idempotency_key=name)["idempotency-replayed"] == "true"
        assert desk.admin.patch(f"/users/{agent.id}", {"role": "customer"}).status == 200
        answer = refused(agent.post(path, body, idempotency_key=name), 409, "CONFLICT")
        assert "Secret" not in json.dumps(answer)
        contents = [comment["content"] for comment in desk.admin.get(path).json["items"]]
        assert contents.count(body["content"]) == 1

    def test_a_refusal_is_not_kept(self, desk):
        name = key()
        refused(desk.customer.post("/tickets", {"title": "a"}, idempotency_key=name), 400, "BAD_REQUEST")
        answer = desk.customer.post("/tickets", BODY, idempotency_key=name)
        assert (answer.status, answer["idempotency-replayed"]) == (201, None)
        ticket, name = desk.ticket(), key()
        stale = desk.customer.patch(f"/tickets/{ticket['id']}", {"title": "a"}, idempotency_key=name, if_match='"99-c"')
        refused(stale, 412, "PRECONDITION_FAILED")
        assert desk.customer.patch(f"/tickets/{ticket['id']}", {"title": "a"}, idempotency_key=name).status == 200

    def test_who_is_nobody_is_not_remembered(self, desk):
        body = {"email": f"{key()}@example.com", "password": "correct horse battery", "first_name": "A", "last_name": "B"}
        name = key()
        assert desk.anonymous.post("/auth/register", body, idempotency_key=name).status == 201
        refused(desk.anonymous.post("/auth/register", body, idempotency_key=name), 409, "CONFLICT")

    def test_signing_in_and_the_like_are_never_repeated_from_memory(self, desk):
        body = {"email": f"{key()}@example.com", "password": "correct horse battery", "first_name": "A", "last_name": "B"}
        name = key()
        assert desk.admin.post("/auth/register", body, idempotency_key=name).status == 201
        refused(desk.admin.post("/auth/register", body, idempotency_key=name), 409, "CONFLICT")
        credentials = {"email": body["email"], "password": body["password"]}
        answers = [desk.admin.post("/auth/login", credentials, idempotency_key=name) for _ in range(2)]
        assert [answer["idempotency-replayed"] for answer in answers] == [None, None]
        assert answers[0].json["access_token"] != answers[1].json["access_token"]

    def test_an_answer_with_a_secret_is_not_given_twice(self, desk):
        body, name = {"name": "a key", "scopes": ["read"]}, key()
        first = desk.admin.post("/api-keys", body, idempotency_key=name)
        assert first.status == 201 and first.json["key"].startswith("mrt_")
        again = desk.admin.post("/api-keys", body, idempotency_key=name)
        refused(again, 409, "CONFLICT")
        assert first.json["key"].encode() not in again.body

    @pytest.mark.parametrize("name", ["", "x" * 256])
    def test_a_key_that_is_none_is_refused(self, desk, name):
        refused(desk.customer.post("/tickets", BODY, idempotency_key=name), 400, "BAD_REQUEST")

    def test_the_longest_key_is_one(self, desk):
        name = key() * 7 + "x" * 31
        assert len(name) == 255
        assert desk.customer.post("/tickets", BODY, idempotency_key=name).status == 201
        assert desk.customer.post("/tickets", BODY, idempotency_key=name)["idempotency-replayed"] == "true"


class TestConcurrency:
    def test_a_copy_that_is_known_is_not_sent_again(self, desk):
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}"
        first = desk.customer.get(path)
        assert re.fullmatch(r'"[^"]+"', first["etag"])
        for tag in (first["etag"], f'"x", {first["etag"]}', "*", "W/" + first["etag"]):
            answer = desk.customer.get(path, if_none_match=tag)
            assert (answer.status, answer.body, answer["etag"]) == (304, b"", first["etag"]), tag
        assert desk.customer.get(path, if_none_match='"x"').status == 200
        desk.customer.patch(path, {"title": "Printer out"})
        changed = desk.customer.get(path, if_none_match=first["etag"])
        assert changed.status == 200 and changed["etag"] != first["etag"]

    def test_the_views_of_customer_and_staff_have_tags_of_their_own(self, desk):
        path = f"/tickets/{desk.ticket()['id']}"
        assert desk.customer.get(path)["etag"] != desk.agent.get(path)["etag"]

    def test_a_change_of_a_stale_copy_is_refused(self, desk):
        path = f"/tickets/{desk.ticket()['id']}"
        tag = desk.agent.get(path)["etag"]
        changed = desk.agent.patch(path, {"priority": "high"}, if_match=tag)
        assert changed.status == 200 and changed["etag"] != tag
        refused(desk.agent.patch(path, {"priority": "low"}, if_match=tag), 412, "PRECONDITION_FAILED")
        refused(desk.agent.patch(path, {"priority": "low"}, if_match='"nonsense"'), 412, "PRECONDITION_FAILED")
        assert desk.agent.get(path).json["priority"] == "high"
        assert desk.agent.patch(path, {"priority": "low"}, if_match=changed["etag"]).status == 200
        assert desk.agent.patch(path, {"priority": "medium"}, if_match="*").status == 200

    @pytest.mark.parametrize("thing", ["ticket", "comment", "user", "me", "assign", "bin"])
    def test_every_single_thing_refuses_a_stale_copy(self, desk, thing):
        ticket = desk.ticket()
        comment, person = desk.comment(ticket), desk.register("Ned", "New")
        path, client, change = {
            "ticket": (f"/tickets/{ticket['id']}", desk.admin, lambda n: {"title": f"{n}"}),
            "comment": (f"/tickets/{ticket['id']}/comments/{comment['id']}", desk.admin, lambda n: {"content": f"{n}"}),
            "user": (f"/users/{person.id}", desk.admin, lambda n: {"first_name": f"N{n}"}),
            "me": ("/me", person, lambda n: {"first_name": f"N{n}"}),
            "assign": (f"/tickets/{ticket['id']}", desk.admin, lambda n: {"title": f"{n}"}),
            "bin": (f"/tickets/{ticket['id']}", desk.admin, lambda n: {"title": f"{n}"}),
        }[thing]
        stale = client.get(path)["etag"]
        assert client.get(path, if_none_match=stale).status == 304
        changed = client.patch(path, change(1), if_match=stale)
        assert changed.status == 200 and changed["etag"] not in (None, stale)
        assert client.get(path)["etag"] == changed["etag"]
        last = {
            "assign": lambda tag: client.patch(f"{path}/assign", {"agent": "bob"}, if_match=tag),
            "bin": lambda tag: client.delete(path, if_match=tag),
        }.get(thing, lambda tag: client.patch(path, change(2), if_match=tag))
        refused(last(stale), 412, "PRECONDITION_FAILED")
        assert last(changed["etag"]).status in (200, 204)

    def test_nothing_changed_is_no_change(self, desk):
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}"
        tag = desk.agent.get(path)["etag"]
        answer = desk.agent.patch(path, {"title": ticket["title"], "priority": ticket["priority"]})
        assert (answer.status, answer["etag"], answer.json["revision"]) == (200, tag, ticket["revision"])

    def test_private_work_does_not_move_what_a_customer_sees(self, desk):
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}"
        before = desk.customer.get(path)
        desk.comment(ticket, desk.agent, comment_type="private")
        after = desk.customer.get(path)
        assert (after["etag"], after.json) == (before["etag"], before.json)
        assert desk.customer.patch(path, {"title": "Still mine"}, if_match=before["etag"]).status == 200


class TestFaults:
    def test_all_of_a_body_are_told_at_once(self, desk):
        answer = refused(desk.customer.post("/tickets", {"title": "x" * 256, "priority": "no", "tags": [1], "colour": "red"}), 400, "BAD_REQUEST")
        assert answer["message"] == "Invalid form of body"
        faults = {fault["location"]: fault for fault in answer["errors"]}
        assert set(faults) == {"title", "description", "priority", "tags.0", "colour"}
        assert faults["title"]["type"] == "string_too_long" and faults["title"]["context"] == {"max_length": 255}
        assert all(fault["message"] and fault["type"] for fault in faults.values())

    @pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', '{"title":"a","title":"b","description":"c"}', '{"title":"\\ud800","description":"x"}', '{"title":"\\u0000","description":"x"}'])
    def test_what_is_no_body_is_refused(self, desk, body):
        assert refused(desk.customer.post("/tickets", body, content_type="application/json"), 400, "BAD_REQUEST")["errors"]

    @pytest.mark.parametrize("query", ["colour=red", "limit=0", "limit=101", "limit=x", "limit=1&limit=2", "cursor=nonsense", "sort=colour", "status=x", "offset=-1"])
    def test_parameters_are_checked(self, desk, query):
        answer = desk.customer.get(f"/tickets?{query}")
        assert refused(answer, 400, "BAD_REQUEST")["errors"][0]["location"].split(".")[0] == query.split("=")[0]

    def test_another_type_of_body_is_refused(self, desk):
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            refused(desk.customer.post("/tickets", "title=x", content_type=kind), 415, "UNSUPPORTED_MEDIA_TYPE")

    def test_a_body_may_be_large_and_not_larger(self, desk):
        refused(desk.customer.post("/tickets", b" " * (1024 * 1024 + 1), content_type="application/json"), 413, "PAYLOAD_TOO_LARGE")

    def test_a_method_that_is_none_here_says_which_are(self, desk):
        answer = desk.customer.request("DELETE", "/tickets")
        refused(answer, 405, "METHOD_NOT_ALLOWED")
        assert {"GET", "HEAD", "POST"} <= set(answer["allow"].split(", "))

    def test_where_nothing_is(self, desk):
        refused(desk.customer.get("/no-such-thing"), 404, "NOT_FOUND")
        for name in ("999999999", str(uuid.uuid4()), "x", "0", "-1", "%20", "1e3"):
            refused(desk.customer.get(f"/tickets/{name}"), 404, "NOT_FOUND")

    @pytest.mark.parametrize("credential", ["Bearer bad", "Bearer", "", "Basic YWxpY2U6YWxpY2UxMjM=", "Bearer mrt_nonsense", "Bearer a.b.c"])
    def test_a_bad_credential_is_refused_everywhere(self, desk, credential):
        for method, path in (("GET", "/tickets"), ("POST", "/auth/login"), ("POST", "/login"), ("GET", f"/tickets/embed/{uuid.uuid4()}")):
            answer = desk.anonymous.request(method, path, {} if method == "POST" else None, authorization=credential)
            refused(answer, 401, "UNAUTHORIZED")
            assert answer["www-authenticate"] == "Bearer"


class TestRequests:
    def test_head_is_get_without_its_body(self, desk):
        ticket = desk.ticket()
        for path in ("/tickets", f"/tickets/{ticket['id']}", "/tickets/my", "/health"):
            head, get = desk.customer.head(path), desk.customer.get(path)
            assert (head.status, head.body) == (get.status, b"") and head["content-type"] == get["content-type"]
            assert head["etag"] == get["etag"]
            if path != "/health":  # its uptime may have a digit more
                assert head["content-length"] == get["content-length"]
        assert desk.customer.head("/tickets/999999999").status == 404
        assert desk.customer.head(f"/tickets/{ticket['id']}", if_none_match="*").status == 304

    def test_a_slash_at_the_end_changes_nothing(self, desk):
        ticket = desk.ticket()
        assert desk.customer.get(f"/tickets/{ticket['id']}/").json == desk.customer.get(f"/tickets/{ticket['id']}").json
        assert desk.customer.post("/tickets/", BODY).status == 201
        assert desk.customer.get("/tickets/my/?limit=1").status == 200

    def test_a_created_thing_says_where_it_is(self, desk):
        answer = desk.customer.post("/tickets", BODY)
        assert answer.status == 201
        found = desk.customer.get(answer["location"])
        assert (found.json["id"], found["etag"]) == (answer.json["id"], answer["etag"])

    @pytest.mark.parametrize("id", ["abc-123", "7f3b", "x" * 100])
    def test_a_sane_request_id_comes_back_and_stands_in_the_log(self, desk, id):
        id = id + uuid.uuid4().hex[:8]
        answer = desk.customer.get("/tickets/999999999", x_request_id=id)
        assert answer["x-request-id"] == answer.json["request_id"] == id
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and id not in [line.get("request_id") for line in list(desk.martlet.lines)]:
            time.sleep(0.05)
        lines = [line for line in list(desk.martlet.lines) if line.get("request_id") == id]
        assert len(lines) == 1 and lines[0]["status"] == 404

    @pytest.mark.parametrize("id", ["", "a b", "x" * 200, 'a"b', "<script>"])
    def test_another_one_is_replaced(self, desk, id):
        answer = desk.customer.get("/tickets/999999999", x_request_id=id)
        assert answer["x-request-id"] == answer.json["request_id"] != id and answer["x-request-id"]

    def test_pages_of_other_origins_read_our_own_fields(self, desk):
        exposed = desk.customer.get("/tickets", origin="http://127.0.0.1:5501")["access-control-expose-headers"].lower()
        for name in ("etag", "location", "link", "idempotency-replayed", "ratelimit-remaining", "retry-after", "x-request-id"):
            assert name in exposed


class TestLimits:
    """Each on a desk of its own: counts are for a minute of the clock."""

    @pytest.fixture
    def wait_for_a_fresh_minute(self):
        """So that the minute does not end in between."""
        if time.time() % 60 > 45:
            time.sleep(61 - time.time() % 60)

    def test_a_caller_has_so_many_requests_a_minute(self, tmp_path, wait_for_a_fresh_minute):
        with running_desk("sqlite", tmp_path, RATE_LIMIT=30) as desk:
            answers = [desk.customer.get("/tickets/my") for _ in range(31)]
            good, last = answers[:-1], answers[-1]
            assert {answer.status for answer in good} == {200}
            assert [int(answer["ratelimit-remaining"]) for answer in good] == list(range(29, -1, -1))
            assert {answer["ratelimit-limit"] for answer in answers} == {"30"}
            assert refused(last, 429, "RATELIMIT")["message"] == "You are being ratelimited only 30 per 1 minute request are allowed"
            assert 1 <= int(last["retry-after"]) <= 60 and 1 <= int(last["ratelimit-reset"]) <= 60
            assert desk.agent.get("/tickets/my").status == 200, "another caller has a count of their own"
            assert desk.customer.get("/health").status == 200

    def test_signing_in_has_a_limit_of_its_own(self, tmp_path, wait_for_a_fresh_minute):
        with running_desk("sqlite", tmp_path, AUTH_RATE_LIMIT=20) as desk:
            while (answer := desk.anonymous.post("/auth/login", {"email": "nobody@example.com", "password": "wrong"})).status == 401:
                assert int(answer["ratelimit-remaining"]) >= 0
            refused(answer, 429, "RATELIMIT")
            assert 1 <= int(answer["retry-after"]) <= 60
            refused(desk.anonymous.post("/login", {"email": "alice", "password": "alice123"}), 429, "RATELIMIT")
            assert desk.customer.get("/tickets/my").status == 200, "who is signed in stays it"

    def test_who_is_nobody_is_counted_by_address_and_once_where_a_dialect_answers(self, tmp_path, wait_for_a_fresh_minute):
        with running_desk("sqlite", tmp_path, RATE_LIMIT=10) as desk:
            answers = [desk.anonymous.get("/tickets") for _ in range(11)]
            assert [answer.status for answer in answers] == [200] * 10 + [429]
            assert [int(answer["ratelimit-remaining"]) for answer in answers] == [*range(9, -1, -1), 0]
            assert from_address(desk, "127.0.0.2", "GET", "/tickets").status == 200

    def test_an_account_is_guarded_against_many_addresses(self, tmp_path, wait_for_a_fresh_minute):
        guess = {"email": "nobody@example.com", "password": "a guess"}
        with running_desk("sqlite", tmp_path, AUTH_RATE_LIMIT=20) as desk:
            tries = [from_address(desk, f"127.0.0.{10 + n}", "POST", "/auth/login", guess).status for n in range(21)]
            assert tries == [401] * 20 + [429]
            # Neither the addresses nor other accounts are to blame.
            assert from_address(desk, "127.0.0.10", "POST", "/auth/login", guess | {"email": "somebody@example.com"}).status == 401


    def test_an_account_is_one_by_all_of_its_names(self, tmp_path, wait_for_a_fresh_minute):
        names = ["alice", "alice@example.com", "ALICE", "Alice@Example.com"]
        with running_desk("sqlite", tmp_path, AUTH_RATE_LIMIT=20) as desk:
            tries = [
                from_address(desk, f"127.0.0.{10 + n}", "POST", "/auth/login", {"email": names[n % 4], "password": "a guess"}).status
                for n in range(24)]
            # Once she signed in herself.
            assert tries == [401] * 19 + [429] * 5

    @pytest.mark.parametrize("path", ["/auth/logout", "/api/v1/auth/logout"])
    def test_signing_out_is_as_rare_as_signing_in(self, tmp_path, wait_for_a_fresh_minute, path):
        with running_desk("sqlite", tmp_path, AUTH_RATE_LIMIT=20) as desk:
            answers = [from_address(desk, "127.0.0.9", "POST", path, {"refresh_token": f"guess-{n}"}) for n in range(21)]
            assert [answer.status for answer in answers] == [200] * 20 + [429]
            refused(answers[-1], 429, "RATELIMIT")

    def test_an_ipv6_network_is_one_caller(self, tmp_path, wait_for_a_fresh_minute):
        with running_desk("sqlite", tmp_path, RATE_LIMIT=10, TRUSTED_PROXIES="127.0.0.1") as desk:
            ask = lambda address: desk.anonymous.get("/knowledge-base", x_forwarded_for=address).status
            assert [ask(f"2001:db8:1:2::{n:x}") for n in range(1, 13)] == [200] * 10 + [429] * 2
            assert ask("2001:db8:1:3::1") == 200 and ask("203.0.113.9") == 200


class TestWriteBudget:
    """What one person may write in an hour of the clock."""

    LARGE = {"content": "x" * 60_000}

    @pytest.fixture
    def desk(self, tmp_path):
        if time.time() % 3600 > 3570:
            time.sleep(3601 - time.time() % 3600)
        with running_desk("sqlite", tmp_path, WRITE_BUDGET_MB=1) as desk:
            yield desk

    @staticmethod
    def until_refused(write, most):
        """How many times it went well before it was refused, and the refusal."""
        for count in range(most):
            answer = write()
            if answer.status == 429:
                return count, answer
            assert answer.status in (200, 201, 204), answer.body
        raise AssertionError(f"{most} went well")

    def test_texts_count_with_what_is_kept_of_them(self, desk):
        path = f"/tickets/{desk.ticket()['id']}/comments"
        count, answer = self.until_refused(lambda: desk.customer.post(path, self.LARGE), 20)
        # A mebibyte holds eight of them, each kept as it came and in the log.
        assert 6 <= count <= 9
        assert refused(answer, 429, "RATELIMIT")["message"] == "You have written 1 MiB in this hour, which is the most that one may: please wait"
        assert 1 <= int(answer["retry-after"]) <= 3600
        assert desk.customer.get(path).status == 200, "reading goes on"
        assert desk.other.post("/tickets", BODY).status == 201, "others have a budget of their own"

    def test_it_is_the_persons_whatever_they_sign_in_with(self, desk):
        answer = desk.agent.post("/api-keys", {"name": "a robot", "scopes": ["read", "write"]})
        robot, again = Client(desk.martlet, answer.json["key"]), desk.signed_in("bob", "bob123")
        path = f"/tickets/{desk.ticket()['id']}/comments"
        self.until_refused(lambda: robot.post(path, self.LARGE), 20)
        refused(again.post(path, self.LARGE), 429, "RATELIMIT")

    def test_what_a_small_change_keeps_of_a_large_text_counts(self, desk):
        ticket = desk.ticket(description="x" * 60_000)
        turn = iter(range(1000))
        change = lambda: desk.agent.patch(f"/tickets/{ticket['id']}", {"priority": ["low", "high"][next(turn) % 2]})
        assert self.until_refused(change, 40)[0] < 25

    def test_many_small_ones_count_too(self, desk):
        change = iter(range(10_000))
        assert self.until_refused(lambda: desk.customer.patch("/me", {"first_name": f"Al{next(change)}"}), 1000)[0] > 200

    def test_many_at_once_count_each(self, desk):
        ids = [desk.ticket(desk.other)["number"] for _ in range(100)]
        turn = iter(range(1000))
        change = lambda: desk.agent.post("/tickets/bulk", {"ids": ids, "set": {"priority": ["low", "high"][next(turn) % 2]}})
        assert self.until_refused(change, 20)[0] <= 6

    def test_what_is_said_on_a_socket_counts(self, desk):
        ticket = desk.ticket()
        with DeskSocket(desk.martlet, desk.customer.token, path=f"/ws/tickets/{ticket['id']}") as chat:
            for _ in range(12):
                chat.say(content="x" * 60_000)
            said = [chat.next() for _ in range(12)]
        # What is refused is answered at once; what is kept comes by way of the log.
        assert any("RATELIMIT" in json.dumps(message) for message in said) and sum("timestamp" in message for message in said) <= 9

    def test_a_body_beyond_it_is_not_even_read(self, desk):
        path = f"/tickets/{desk.ticket()['id']}/comments"
        self.until_refused(lambda: desk.customer.post(path, self.LARGE), 20)
        with desk.martlet.connect() as socket:
            socket.sendall((f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {desk.customer.token}\r\n"
                            "Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n").encode())
            assert socket.recv(100).startswith(b"HTTP/1.1 429 ")

    def test_zero_is_no_limit(self, tmp_path):
        with running_desk("sqlite", tmp_path) as desk:
            path = f"/tickets/{desk.ticket()['id']}/comments"
            assert {desk.customer.post(path, self.LARGE).status for _ in range(12)} == {201}


def from_address(desk, address, method, path, body=None):
    """Asks from another address of this machine."""
    connection = http.client.HTTPConnection(desk.martlet.host, desk.martlet.port, timeout=20, source_address=(address, 0))
    client = Client(desk.martlet)
    client.connection = connection
    try:
        return client.request(method, path, body)
    finally:
        client.close()
