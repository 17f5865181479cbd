"""One's own account: profile, sign-ins, password, second factor, API keys; on both engines, as its owner would use it."""

import concurrent.futures
import time
import uuid

import pytest

from accounts import PASSWORD, form, locations, login, register, send
from desks import ENGINES, UNLIMITED, database
from martlet import Martlet
from outbox import mailed_link, rows
from signing import totp


@pytest.fixture(scope="module", params=ENGINES)
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    with database(request.param, folder) as url:
        server = Martlet(folder, DATABASE_URL=url, ADMIN_EMAIL="ada@example.com", ADMIN_PASSWORD=PASSWORD, **UNLIMITED)
        server.database, server.folder = url, folder
        yield server
        server.stop()


@pytest.fixture(scope="module")
def admin(server):
    return login(server, "ada@example.com").json["token"]


@pytest.fixture
def eve(server):
    """A new customer: the answer to her registration, with `email` and a way to ask as her."""
    email = f"eve.{uuid.uuid4().hex[:12]}@example.com"
    answer = register(server, email)
    assert answer.status == 201, answer.body
    return Person(server, email, answer.json)


@pytest.fixture
def agent(server, admin):
    email = f"bob.{uuid.uuid4().hex[:12]}@example.com"
    answer = send(server, "POST", "/users", {"email": email, "password": PASSWORD, "first_name": "Bob", "role": "agent"}, admin)
    assert answer.status == 201, answer.body
    return Person(server, email, login(server, email).json)


class Person:
    def __init__(self, server, email, signed):
        self.server, self.email, self.signed, self.token = server, email, signed, signed["access_token"]
        self.id = signed["user"]["id"]

    def ask(self, method, path, body=None, **fields):
        return send(self.server, method, path, body, self.token, **fields)

    def again(self, password=PASSWORD, **more):
        return send(self.server, "POST", "/auth/login", {"email": self.email, "password": password, **more})


class TestProfile:
    def test_one_reads_and_changes_it(self, eve):
        before = eve.ask("GET", "/me")
        assert before.status == 200 and before.json == eve.signed["user"]
        answer = eve.ask("PATCH", "/me", {"first_name": "Eva", "last_name": "van Doe", "locale": "pt-BR", "time_zone": "Europe/Berlin"})
        assert answer.status == 200
        assert {key: answer.json[key] for key in ("name", "locale", "time_zone")} == {
            "name": "Eva van Doe", "locale": "pt-BR", "time_zone": "Europe/Berlin"}
        assert answer["etag"] != before["etag"]
        assert eve.ask("PATCH", "/me", {"first_name": "X"}, if_match=before["etag"]).status == 412
        assert "locale" not in eve.ask("PATCH", "/me", {"locale": None}).json

    def test_what_is_not_ones_own_to_change(self, eve, agent):
        for body in ({"role": "admin"}, {"email": "x@example.com"}, {"is_active": False}, {"support_role": "admin"}, {"username": "x"}):
            assert locations(eve.ask("PATCH", "/me", body)) == list(body)
        assert eve.ask("PATCH", "/me", {"available": False}).status == 403
        assert agent.ask("PATCH", "/me", {"available": False}).json["available"] is False

    def test_nobody_has_none(self, server):
        assert server.get("/me").status == 401


class TestSessions:
    def test_one_sees_where_one_is_signed_in_and_ends_it(self, server, eve):
        second = Person(server, eve.email, eve.again().json)
        third = Person(server, eve.email, eve.again().json)
        items = eve.ask("GET", "/me/sessions").json["items"]
        assert len(items) == 3 and [item["current"] for item in items] == [False, False, True]
        assert eve.ask("DELETE", f"/me/sessions/{items[0]['id']}").status == 204
        assert [person.ask("GET", "/me").status for person in (eve, second, third)] == [200, 200, 401]
        assert eve.ask("DELETE", "/me/sessions").status == 204
        assert [person.ask("GET", "/me").status for person in (eve, second)] == [200, 401]
        assert len(eve.ask("GET", "/me/sessions").json["items"]) == 1

    def test_nobody_elses(self, eve, agent):
        session = eve.ask("GET", "/me/sessions").json["items"][0]["id"]
        assert agent.ask("DELETE", f"/me/sessions/{session}").status == 404
        assert eve.ask("GET", "/me").status == 200


class TestPassword:
    def test_a_new_one_ends_the_other_sign_ins(self, server, eve):
        other = Person(server, eve.email, eve.again().json)
        answer = eve.ask("POST", "/me/password", {"current_password": PASSWORD, "new_password": "another password"})
        assert answer.status == 204, answer.body
        assert (eve.ask("GET", "/me").status, other.ask("GET", "/me").status) == (200, 401)
        assert send(server, "POST", "/auth/refresh", {"refresh_token": other.signed["refresh_token"]}).status == 401
        assert (eve.again().status, eve.again("another password").status) == (401, 200)

    @pytest.mark.parametrize("current,new,location", [
        ("a wrong one", "another password", "current_password"), (PASSWORD, "short", "new_password"), (PASSWORD, "x" * 257, "new_password")])
    def test_what_is_none_changes_nothing(self, eve, current, new, location):
        answer = eve.ask("POST", "/me/password", {"current_password": current, "new_password": new})
        assert answer.status == 400 and locations(answer) == [location]
        assert eve.again().status == 200

    @pytest.mark.parametrize("password", ["x" * 256, "пароль и пробел", "🔑" * 8])
    def test_long_ones_and_those_of_any_alphabet_are_good(self, eve, password):
        assert eve.ask("POST", "/me/password", {"current_password": PASSWORD, "new_password": password}).status == 204
        assert eve.again(password).status == 200

    def test_one_that_is_forgotten_is_set_anew_by_mail(self, server, eve):
        known = send(server, "POST", "/auth/password/forgot", {"email": eve.email.upper()})
        unknown = send(server, "POST", "/auth/password/forgot", {"email": "nobody.at.all@example.com"})
        assert (known.status, known.json) == (unknown.status, unknown.json) and known.status == 202
        link = mailed_link(server.database, eve.email, "reset_password")
        assert rows(server.database, "SELECT id, kind FROM outbox WHERE address = 'nobody.at.all@example.com'") == []
        token = link.split("=")[1]
        assert locations(send(server, "POST", "/auth/password/reset", {"token": token, "password": "short"})) == ["password"]
        assert send(server, "POST", "/auth/password/reset", {"token": token, "password": "another password"}).status == 204
        assert eve.ask("GET", "/me").status == 401, "all sign-ins end"
        assert (eve.again().status, eve.again("another password").status) == (401, 200)
        assert eve.again("another password").json["user"]["email_verified"] is True
        assert locations(send(server, "POST", "/auth/password/reset", {"token": token, "password": "a third password"})) == ["token"]

    def test_links_do_not_follow_the_host_that_was_asked(self, server, eve):
        send(server, "POST", "/auth/password/forgot", {"email": eve.email}, host="evil.example")
        assert "evil" not in mailed_link(server.database, eve.email, "reset_password")

    def test_an_address_is_verified_by_mail(self, server, eve):
        token = mailed_link(server.database, eve.email, "verify_email").split("=")[1]
        assert send(server, "POST", "/auth/password/reset", {"token": token, "password": PASSWORD}).status == 400
        wrong = send(server, "POST", "/auth/verify", {"token": token, "password": "a wrong one"})
        assert wrong.status == 400 and locations(wrong) == ["password"]
        both = send(server, "POST", "/auth/verify", {"token": token, "password": PASSWORD, "new_password": "another password"})
        assert both.status == 400 and locations(both) == ["new_password"]
        assert send(server, "POST", "/auth/verify", {"token": token}).status == 204
        assert eve.ask("GET", "/me").json["email_verified"] is True
        assert send(server, "POST", "/auth/verify", {"token": token}).status == 400

    def test_who_has_the_address_takes_the_account_from_who_registered_it(self, server, eve):
        """Eve is the stranger here: she turns a second factor on, and waits."""
        made = eve.ask("POST", "/me/totp").json
        assert eve.ask("POST", "/me/totp/confirm", {"code": totp(made["secret"])}).status == 200
        token = mailed_link(server.database, eve.email, "verify_email").split("=")[1]
        answer = send(server, "POST", "/auth/verify", {"token": token, "new_password": "the owner's own"})
        assert answer.status == 204, answer.body
        assert eve.ask("GET", "/me").status == 401 and eve.again().status == 401
        user = eve.again("the owner's own").json["user"]
        assert (user["id"], user["email_verified"], user["first_name"], user["last_name"]) == (eve.id, True, "", "")
        assert user["name"] == user["username"] == eve.email.split("@")[0]

    def test_a_reset_before_the_address_was_verified_lets_its_owner_in(self, server, eve):
        made = eve.ask("POST", "/me/totp").json
        assert eve.ask("POST", "/me/totp/confirm", {"code": totp(made["secret"])}).status == 200
        assert send(server, "POST", "/auth/password/forgot", {"email": eve.email}).status == 202
        token = mailed_link(server.database, eve.email, "reset_password").split("=")[1]
        assert send(server, "POST", "/auth/password/reset", {"token": token, "password": "the owner's own"}).status == 204
        answer = eve.again("the owner's own")
        assert answer.status == 200, answer.body
        assert answer.json["user"]["first_name"] == ""

    def test_somebody_without_one_chooses_it_by_mail(self, server, admin):
        email = f"carl.{uuid.uuid4().hex[:12]}@example.com"
        assert send(server, "POST", "/users", {"email": email, "role": "agent"}, admin).status == 201
        assert login(server, email, "").status == 400 and login(server, email, "x").status == 401
        token = mailed_link(server.database, email, "reset_password").split("=")[1]
        assert send(server, "POST", "/auth/password/reset", {"token": token, "password": PASSWORD}).status == 204
        assert login(server, email).json["user"]["role"] == "agent"


class TestSecondFactor:
    @pytest.fixture
    def factor(self, eve):
        """Eve with a second factor on: its secret and her recovery codes. The code of the step before was used."""
        made = eve.ask("POST", "/me/totp")
        assert made.status == 200 and made.json["uri"].startswith("otpauth://totp/") and made.json["secret"] in made.json["uri"]
        assert made["cache-control"] == "no-store"
        assert eve.again().status == 200, "it is not on before a code was given"
        answer = eve.ask("POST", "/me/totp/confirm", {"code": totp(made.json["secret"], -1)})
        assert answer.status == 200, answer.body
        assert len(set(answer.json["recovery_codes"])) == 10
        return made.json["secret"], answer.json["recovery_codes"]

    def test_a_code_is_needed_and_good_once(self, eve, factor):
        secret, _ = factor
        assert eve.again().status == 401 and "totp" in eve.again().json["message"]
        assert eve.again("a wrong password").json["message"] == "Invalid credentials", "it tells nobody else that there is one"
        code = totp(secret)
        assert eve.again(totp="000000" if code != "000000" else "000001").status == 401
        assert eve.again(totp=code).status == 200
        assert eve.again(totp=code).status == 401

    def test_oauths_form_takes_it_too(self, server, eve, factor):
        secret, _ = factor
        assert form(server, "/auth/token", username=eve.email, password=PASSWORD).status == 401
        assert form(server, "/auth/token", username=eve.email, password=PASSWORD, totp=totp(secret)).status == 200

    def test_a_recovery_code_is_good_once(self, eve, factor):
        _, codes = factor
        assert eve.again(totp=codes[0]).status == 200
        assert eve.again(totp=codes[0]).status == 401
        assert eve.again(totp=codes[1].lower().replace("-", "")).status == 200

    def test_it_is_turned_off_with_a_code(self, eve, factor):
        _, codes = factor
        assert eve.ask("POST", "/me/totp").status == 409
        assert eve.ask("DELETE", "/me/totp", {"code": "123"}).status == 400
        assert eve.ask("DELETE", "/me/totp", {"code": codes[2]}).status == 204
        assert eve.again().status == 200
        assert eve.ask("DELETE", "/me/totp", {"code": codes[3]}).status == 409

    def test_a_wrong_code_turns_it_not_on(self, eve):
        secret = eve.ask("POST", "/me/totp").json["secret"]
        wrong = "000000" if "000000" not in [totp(secret, shift) for shift in range(-2, 3)] else "111111"
        assert eve.ask("POST", "/me/totp/confirm", {"code": wrong}).status == 400
        assert eve.again().status == 200


class TestAPIKeys:
    def make(self, person, *scopes, **more):
        answer = person.ask("POST", "/api-keys", {"name": "a program", "scopes": list(scopes), **more})
        assert answer.status == 201, answer.body
        return answer

    def test_it_is_shown_once_and_asks_in_its_owners_name(self, server, agent):
        answer = self.make(agent, "read", "write")
        assert answer.json["key"].startswith("mrt_") and answer["cache-control"] == "no-store"
        listed = agent.ask("GET", "/api-keys").json["items"]
        assert [item["id"] for item in listed] == [answer.json["id"]] and "key" not in listed[0]
        assert sorted(listed[0]) == ["created_at", "expires_at", "id", "last_used_at", "name", "scopes"]
        assert send(server, "GET", "/me", token=answer.json["key"]).json["id"] == agent.id
        assert send(server, "POST", "/tickets", {"title": "a", "description": "b"}, answer.json["key"]).status == 201

    def test_it_does_what_its_scopes_say(self, server, agent, admin):
        reads, writes = (self.make(agent, scope).json["key"] for scope in ("read", "write"))
        draft = {"title": "a", "description": "b"}
        assert [send(server, "GET", "/tickets", token=key).status for key in (reads, writes)] == [200, 403]
        assert [send(server, "POST", "/tickets", draft, key).status for key in (reads, writes)] == [403, 201]
        ada = Person(server, "ada@example.com", login(server, "ada@example.com").json)
        email = f"{uuid.uuid4().hex}@example.com"
        few, all = self.make(ada, "read", "write").json["key"], self.make(ada, "read", "write", "admin").json["key"]
        assert send(server, "POST", "/users", {"email": email}, few).status == 403
        assert send(server, "POST", "/users", {"email": email}, all).status == 201

    def test_it_never_may_more_than_its_owner(self, agent):
        assert agent.ask("POST", "/api-keys", {"name": "x", "scopes": ["admin"]}).status in (400, 403)
        assert agent.ask("POST", "/api-keys", {"name": "x", "scopes": []}).status == 400

    def test_customers_have_none(self, eve):
        assert eve.ask("POST", "/api-keys", {"name": "x", "scopes": ["read"]}).status == 403
        assert eve.ask("GET", "/api-keys").status == 403

    def test_it_ends_at_its_time_or_when_it_is_deleted(self, server, agent):
        end = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 3))
        short, long = self.make(agent, "read", expires_at=end).json, self.make(agent, "read").json
        assert [send(server, "GET", "/me", token=key["key"]).status for key in (short, long)] == [200, 200]
        time.sleep(3.1)
        assert [send(server, "GET", "/me", token=key["key"]).status for key in (short, long)] == [401, 200]
        assert agent.ask("DELETE", f"/api-keys/{long['id']}").status == 204
        assert send(server, "GET", "/me", token=long["key"]).status == 401

    def test_nobody_elses(self, server, agent, admin):
        key = self.make(agent, "read").json
        assert send(server, "DELETE", f"/api-keys/{key['id']}", token=admin).status == 404

    def test_its_owners_fate_is_its_own(self, server, agent, admin):
        key = self.make(agent, "read").json["key"]
        assert send(server, "GET", "/users", token=key).status == 200
        send(server, "PATCH", f"/users/{agent.id}", {"role": "customer"}, admin)
        assert send(server, "GET", "/users", token=key).status in (401, 403)
        send(server, "PATCH", f"/users/{agent.id}", {"is_active": False}, admin)
        assert send(server, "GET", "/me", token=key).status == 401

    def test_only_a_digest_is_kept(self, server, agent):
        key = self.make(agent, "read").json["key"]
        assert rows(server.database, f"SELECT id, name FROM api_keys WHERE CAST(digest AS text) LIKE '%{key[4:20]}%'") == []

    def test_it_changes_no_way_to_sign_in_and_makes_no_key(self, server, agent):
        key = self.make(agent, "read", "write").json["key"]
        session = agent.ask("GET", "/me/sessions").json["items"][0]["id"]
        for method, path, body in (
            ("POST", "/me/totp", None),
            ("POST", "/me/password", {"current_password": PASSWORD, "new_password": "another password"}),
            ("POST", "/api-keys", {"name": "child", "scopes": ["write"]}),
            ("DELETE", "/me/sessions", None),
            ("DELETE", f"/me/sessions/{session}", None),
        ):
            assert send(server, method, path, body, key).status == 403, path
        assert agent.ask("GET", "/me").status == 200 and agent.again().status == 200
        assert len(agent.ask("GET", "/api-keys").json["items"]) == 1

    def test_it_may_delete_itself(self, server, agent):
        own, other = (self.make(agent, "write").json for _ in range(2))
        assert send(server, "DELETE", f"/api-keys/{other['id']}", token=own["key"]).status == 403
        assert send(server, "DELETE", f"/api-keys/{own['id']}", token=own["key"]).status == 204
        assert send(server, "POST", "/tickets", {"title": "a", "description": "b"}, own["key"]).status == 401
        assert send(server, "POST", "/tickets", {"title": "a", "description": "b"}, other["key"]).status == 201

    @pytest.mark.parametrize("change", [{"role": "customer"}, {"is_active": False}])
    def test_it_does_not_come_back_with_its_owner(self, server, agent, admin, change):
        key = self.make(agent, "read").json["key"]
        for body in (change, {"role": "agent", "is_active": True}):
            assert send(server, "PATCH", f"/users/{agent.id}", body, admin).status == 200
        assert send(server, "GET", "/users", token=key).status == 401

    def test_a_reset_ends_it_and_a_new_password_asks(self, server, agent):
        key = self.make(agent, "read").json["key"]
        password = PASSWORD
        for ends, status in ((None, 200), (False, 200), (True, 401)):
            body = {"current_password": password, "new_password": password + "!"} | ({} if ends is None else {"end_api_keys": ends})
            assert agent.ask("POST", "/me/password", body).status == 204
            password += "!"
            assert send(server, "GET", "/me", token=key).status == status
        key = self.make(agent, "read").json["key"]
        assert send(server, "POST", "/auth/password/forgot", {"email": agent.email}).status == 202
        token = mailed_link(server.database, agent.email, "reset_password").split("=")[1]
        assert send(server, "POST", "/auth/password/reset", {"token": token, "password": PASSWORD}).status == 204
        assert send(server, "GET", "/me", token=key).status == 401

    def test_one_that_only_writes_reads_nothing(self, server, agent, eve):
        ticket = eve.ask("POST", "/tickets", {"title": "Secret title", "description": "b"}).json
        path = f"/tickets/{ticket['id']}"
        first = eve.ask("POST", f"{path}/comments", {"content": "first"}).json
        eve.ask("POST", f"{path}/comments", {"content": "Secret comment"})
        draft = agent.ask("POST", "/knowledge-base", {"title": f"Secret {uuid.uuid4().hex}", "content": "Secret text"}).json
        key = self.make(agent, "write").json["key"]

        def ask(method, path, body, status, **fields):
            answer = send(server, method, path, body, key, **fields)
            assert answer.status == status, (path, answer.body)
            assert b"ecret" not in answer.body and eve.email.encode() not in answer.body
            return answer

        # What it changes it is not shown, changed or not, at once or again.
        for body in ({}, {"priority": "high"}, {"priority": "high"}):
            answer = ask("PATCH", path, body, 204)
            assert answer.body == b"" and answer["etag"]
        name = uuid.uuid4().hex
        for _ in range(2):
            answer = ask("PATCH", path, {"priority": "low"}, 204, idempotency_key=name)
        assert answer["idempotency-replayed"] == "true"
        ask("POST", f"{path}/assign", {"agent_id": agent.id}, 204)
        ask("POST", f"/knowledge-base/{draft['id']}/vote", {"helpful": True}, 204)
        ask("PATCH", f"/knowledge-base/{draft['id']}", {}, 204)
        ask("POST", f"{path}/comments", {"content": "x", "after_comment_id": first["id"]}, 409)
        # What it makes, it learns where it is.
        made = ask("POST", "/tickets", {"title": "a", "description": "b", "requester": eve.id}, 201)
        assert made.body == b"" and agent.ask("GET", made["location"]).json["requester"]["email"] == eve.email
        comment = ask("POST", f"{path}/comments", {"content": "y"}, 201)
        assert agent.ask("GET", comment["location"]).json["content"] == "y"
        # A filter reads, and so does a dry run.
        ask("POST", "/tickets/bulk", {"ids": [ticket["id"]], "set": {"priority": "high"}, "dry_run": True}, 403)
        ask("POST", "/tickets/bulk", {"filter": {"q": "Secret"}, "set": {"priority": "high"}}, 403)
        assert ask("POST", "/tickets/bulk", {"ids": [ticket["id"]], "set": {"priority": "high"}}, 200).json["changed"] == 1

    def test_one_for_admins_work_reads_it_only_with_the_scope_for_that(self, server):
        ada = Person(server, "ada@example.com", login(server, "ada@example.com").json)
        works, both = self.make(ada, "admin").json["key"], self.make(ada, "admin", "read").json["key"]
        assert [send(server, "GET", "/email-templates", token=key).status for key in (works, both)] == [403, 200]
        preview = "/email-templates/comment_added/preview"
        assert [send(server, "POST", preview, {}, key).status for key in (works, both)] == [403, 200]
        answer = send(server, "POST", "/users", {"email": f"{uuid.uuid4().hex}@example.com"}, works)
        assert answer.status == 201 and answer.body == b"" and answer["location"].startswith("/users/")


class TestUsers:
    def test_an_admin_manages_people_and_agents_read(self, server, admin, eve, agent):
        email = f"zoe.{uuid.uuid4().hex[:12]}@example.com"
        body = {"email": email, "password": PASSWORD, "first_name": "Zoe", "last_name": "Z", "role": "CSR", "support_role": "technical"}
        assert [send(server, "POST", "/users", body, token).status for token in (None, eve.token, agent.token)] == [401, 403, 403]
        made = send(server, "POST", "/users", body, admin)
        assert made.status == 201 and made["location"] == f"/users/{made.json['id']}"
        assert (made.json["role"], made.json["support_role"]) == ("agent", "technical")
        path = made["location"]
        assert [send(server, "GET", path, token=token).status for token in (None, eve.token, agent.token, admin)] == [401, 403, 200, 200]
        assert [send(server, "GET", "/users", token=token).status for token in (None, eve.token, agent.token)] == [401, 403, 200]
        assert send(server, "PATCH", path, {"first_name": "Z"}, agent.token).status == 403
        change = {"role": "customer", "first_name": "Zora", "username": f"zora{uuid.uuid4().hex[:8]}", "support_role": "general"}
        changed = send(server, "PATCH", path, change, admin)
        assert changed.status == 200 and {key: changed.json[key] for key in change} == change
        assert changed.json["name"] == "Zora Z"
        assert send(server, "DELETE", path, token=agent.token).status == 403
        assert send(server, "DELETE", path, token=admin).status == 204
        assert login(server, email).status == 401

    def test_who_is_deleted_leaves_their_tickets_and_nothing_else(self, server, admin, eve):
        ticket = eve.ask("POST", "/tickets", {"title": "a", "description": "b"}).json["id"]
        assert [t["id"] for t in send(server, "GET", f"/users/{eve.id}/tickets", token=admin).json["items"]] == [ticket]
        assert send(server, "DELETE", f"/users/{eve.id}", token=admin).status == 204
        assert eve.ask("GET", "/me").status == 401
        answer = send(server, "GET", f"/tickets/{ticket}", token=admin)
        assert answer.status == 200 and eve.email.encode() not in answer.body and b"Eve" not in answer.body
        assert register(server, eve.email).status == 201

    def test_a_customer_sees_no_list_of_anybodys_tickets(self, eve):
        assert eve.ask("GET", f"/users/{eve.id}/tickets").status == 403

    def test_an_admin_registers_staff(self, server, admin):
        email = f"{uuid.uuid4().hex}@example.com"
        body = {"email": email, "password": PASSWORD, "first_name": "S", "last_name": "T", "role": "agent"}
        assert send(server, "POST", "/auth/register", body, admin).json["user"]["role"] == "agent"


@pytest.fixture(scope="class")
def node(server):
    """Another node on the same database."""
    node = Martlet(server.folder, DATABASE_URL=server.database, **UNLIMITED)
    yield node
    node.stop()


class TestAtOnce:
    """What is changed here counts at once, and on another node within a second."""

    @pytest.mark.parametrize("change,status", [({"is_active": False}, 401), ({"role": "customer"}, 403)])
    def test_a_change_of_standing(self, server, node, admin, agent, change, status):
        assert [send(each, "GET", "/users", token=agent.token).status for each in (server, node)] == [200, 200]
        assert send(server, "PATCH", f"/users/{agent.id}", change, admin).status == 200
        assert send(server, "GET", "/users", token=agent.token).status == status
        time.sleep(1.05)
        assert send(node, "GET", "/users", token=agent.token).status == status

    def test_a_sign_out(self, server, node, eve):
        assert send(node, "GET", "/me", token=eve.token).status == 200
        assert send(server, "POST", "/auth/logout", {"refresh_token": eve.signed["refresh_token"]}).status == 200
        assert eve.ask("GET", "/me").status == 401
        time.sleep(1.05)
        assert send(node, "GET", "/me", token=eve.token).status == 401

    def test_a_stolen_refresh_token(self, server, node, eve):
        second = send(node, "POST", "/auth/refresh", {"refresh_token": eve.signed["refresh_token"]}).json
        assert send(server, "GET", "/me", token=second["access_token"]).status == 200
        assert send(node, "POST", "/auth/refresh", {"refresh_token": eve.signed["refresh_token"]}).status == 401
        time.sleep(1.05)
        assert send(server, "GET", "/me", token=second["access_token"]).status == 401
        assert send(server, "POST", "/auth/refresh", {"refresh_token": second["refresh_token"]}).status == 401


class TestHashing:
    def test_a_crowd_is_turned_away_and_the_server_lives(self, server):
        """More sign-ins at once than there is room for: each is answered, by 401 or by 503 with a time to come again."""
        def attempt(number):
            return send(server, "POST", "/auth/login", {"email": f"nobody{number}@example.com", "password": "wrong password"})

        with concurrent.futures.ThreadPoolExecutor(150) as pool:
            answers = list(pool.map(attempt, range(300)))
        assert {answer.status for answer in answers} == {401, 503}
        for answer in answers:
            if answer.status == 503:
                assert answer.json["error"] == "UNAVAILABLE" and int(answer["retry-after"]) >= 1
        assert server.get("/health").status == 200
        assert login(server, "ada@example.com").status == 200

    def test_hashes_are_argon2(self, server, eve):
        kept = rows(server.database, f"SELECT id, password_hash FROM people WHERE email = '{eve.email}'")
        assert kept[0][1].startswith("$argon2id$")
