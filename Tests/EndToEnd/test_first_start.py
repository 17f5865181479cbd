"""A first start: who may sign in at a desk that nobody has set up yet, and the pages behind the links that we print and mail."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts import PASSWORD, form, login, register, send
from commands import done, martlet
from desks import Client, psql
from outbox import mailed_link

NO_ADMIN = "there is no admin yet: open this link within the hour to become it, or run `martlet admin create`"
ADA = {"email": "ada@example.com", "password": PASSWORD, "first_name": "Ada", "last_name": "Admin"}


@pytest.fixture
def start(start_on_url):
    """On an empty database, once on each engine."""
    return start_on_url


def said(server, beginning):
    return [line for line in server.lines if line["message"].startswith(beginning)]


def token_of(link):
    return parse_qs(urlsplit(link).query)["token"][0]


def path_of(link):
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def is_page(answer, status):
    """A page that loads nothing, sends its form nowhere else, and is kept nowhere."""
    assert answer.status == status, answer.body
    assert answer["content-type"] == "text/html; charset=utf-8"
    assert (answer["cache-control"], answer["referrer-policy"], answer["x-content-type-options"]) == ("no-store", "no-referrer", "nosniff")
    policy = answer["content-security-policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy and "script-src" not in policy
    return answer.body.decode()


class TestSetUpLink:
    def test_it_is_printed_and_makes_the_admin(self, start):
        server = start()
        link = server.wait_for_line(NO_ADMIN)["link"]
        assert link.startswith(f"{server.url}/setup?token=")
        html = is_page(server.get(path_of(link)), 200)
        assert re.findall(r'name="(\w+)"', html) == ["viewport", "token", "first_name", "last_name", "email", "password"]
        html = is_page(form(server, path_of(link), token=token_of(link), **ADA), 200)
        assert "You are the admin now" in html
        user = login(server, "ada@example.com").json["user"]
        assert (user["role"], user["name"], user["email_verified"]) == ("admin", "Ada Admin", True)

    def test_it_is_good_once(self, start):
        server = start()
        link = server.wait_for_line(NO_ADMIN)["link"]
        assert send(server, "POST", "/auth/setup", ADA | {"token": token_of(link)}).status == 201
        assert "This link was used" in is_page(server.get(path_of(link)), 200)
        again = form(server, "/setup", token=token_of(link), **(ADA | {"email": "eve@example.com"}))
        assert "This link was used" in is_page(again, 400)
        answer = send(server, "POST", "/auth/setup", ADA | {"token": token_of(link), "email": "eve@example.com"})
        assert (answer.status, answer.json["errors"][0]["location"]) == (400, "token")

    def test_the_api_answers_with_a_sign_in(self, start):
        server = start()
        answer = send(server, "POST", "/auth/setup", ADA | {"token": token_of(server.wait_for_line(NO_ADMIN)["link"])})
        assert answer.status == 201 and answer.json["user"]["role"] == "admin"
        assert send(server, "GET", "/users", token=answer.json["token"]).status == 200

    def test_what_is_wrong_is_told_on_the_page_and_the_link_stays_good(self, start):
        server = start()
        link = server.wait_for_line(NO_ADMIN)["link"]
        html = is_page(form(server, path_of(link), token=token_of(link), **(ADA | {"password": "short", "email": "nobody"})), 400)
        assert "E-mail address: " in html and "New password" in html and token_of(link) in html
        html = is_page(form(server, path_of(link), token=token_of(link), email="<script>"), 400)
        assert "<script" not in html and token_of(link) in html
        assert "You are the admin now" in is_page(form(server, path_of(link), token=token_of(link), **ADA), 200)

    def test_a_guess_opens_nothing(self, start):
        server = start()
        for address in ("/setup", "/setup?token=", "/setup?token=guess", "/setup?token=guess&utm=1", "/reset?token=x", "/verify"):
            html = is_page(server.get(address), 200)
            assert "This link was used" in html and "<form" not in html
        assert "This link was used" in is_page(form(server, "/setup", token="guess", **ADA), 400)

    def test_the_link_of_an_earlier_start_is_dead(self, start):
        first = start()
        old = first.wait_for_line(NO_ADMIN)["link"]
        first.stop()
        second = start()
        assert second.wait_for_line(NO_ADMIN)["link"] != old
        assert "This link was used" in is_page(second.get(path_of(old)), 200)

    def test_it_begins_with_the_public_address(self, start):
        server = start(PUBLIC_URL="https://help.example.com")
        assert server.wait_for_line(NO_ADMIN)["link"].startswith("https://help.example.com/setup?token=")

    def test_none_is_printed_when_there_is_an_admin(self, tmp_path, url, start):
        done(tmp_path, "admin", "create", "--email", "ada@example.com", "--password-stdin", DATABASE_URL=url, stdin=PASSWORD)
        server = start()
        assert said(server, "there is no admin") == []

    def test_an_admin_who_comes_by_another_way_ends_it(self, tmp_path, url, start):
        server = start()
        link = server.wait_for_line(NO_ADMIN)["link"]
        done(tmp_path, "admin", "create", "--email", "bob@example.com", "--password-stdin", DATABASE_URL=url, stdin=PASSWORD)
        answer = send(server, "POST", "/auth/setup", ADA | {"token": token_of(link)})
        assert (answer.status, answer.json["message"]) == (409, "There is an admin already")
        assert "There is an admin already" in is_page(form(server, path_of(link), token=token_of(link), **ADA), 409)


class TestNamedAdmin:
    def test_the_settings_name_the_first_admin(self, start):
        server = start(ADMIN_EMAIL="ada@example.com", ADMIN_PASSWORD=PASSWORD)
        assert said(server, "there is no admin") == []
        assert login(server, "ada@example.com").json["user"]["role"] == "admin"
        assert not any(PASSWORD in str(line) for line in server.lines)

    def test_they_change_nobody_at_a_later_start(self, start):
        start(ADMIN_EMAIL="ada@example.com", ADMIN_PASSWORD=PASSWORD).stop()
        server = start(ADMIN_EMAIL="bob@example.com", ADMIN_PASSWORD="another password")
        assert login(server, "ada@example.com").status == 200
        assert login(server, "bob@example.com", "another password").status == 401

    @pytest.mark.parametrize("email,password,word", [("ada@example.com", "short", "password"), ("nobody", PASSWORD, "email")])
    def test_what_is_none_stops_the_start(self, tmp_path, url, email, password, word):
        result = martlet(tmp_path, "serve", DATABASE_URL=url, PORT=0, ADMIN_EMAIL=email, ADMIN_PASSWORD=password)
        assert result.returncode == 1 and "ADMIN_EMAIL and ADMIN_PASSWORD" in result.stderr and word in result.stderr
        assert password not in result.stderr

    def test_one_without_the_other_stops_the_start(self, tmp_path, url):
        result = martlet(tmp_path, "serve", DATABASE_URL=url, PORT=0, ADMIN_EMAIL="ada@example.com")
        assert result.returncode == 1 and "ADMIN_PASSWORD is not set" in result.stderr


class TestDemo:
    PEOPLE = [("alice", "alice123", "customer"), ("bob", "bob123", "agent"), ("carol", "carol123", "admin")]

    def test_it_makes_people_and_tickets_once_and_says_so_loudly(self, start):
        for number in range(2):
            server = start(DEMO="on")
            loud = said(server, "DEMO IS ON")
            assert len(loud) == 1 and loud[0]["level"] == "warn"
            assert len(said(server, "demo people and tickets were made")) == (1 if number == 0 else 0)
            for name, password, role in self.PEOPLE:
                assert login(server, name, password).json["user"]["role"] == role
            carol = Client(server, login(server, "carol", "carol123").json["token"])
            tickets = carol.get("/tickets?count=true").json
            assert tickets["total"] == len(tickets["items"]) >= 3
            assert sorted(ticket["comment_count"] for ticket in tickets["items"]) == [0, 0, 1, 3]
            assert {ticket["status"] for ticket in tickets["items"]} == {"open", "in_progress"}
            alice = Client(server, login(server, "alice", "alice123").json["token"])
            assert sorted(ticket["comment_count"] for ticket in alice.get("/tickets/my").json["items"]) == [0, 0, 1, 2]
            alice.close()
            carol.close()
            server.stop()

    def test_it_opens_what_the_documents_leave_open(self, start):
        server = start(DEMO="on")
        assert server.get("/tickets").status == 200
        assert server.get("/health", origin="https://elsewhere.example")["access-control-allow-origin"] == "*"
        answer = send(server, "POST", "/register", {"username": "Zoe", "email": "zoe@example.com", "password": PASSWORD, "role": "agent"})
        assert (answer.status, answer.json["role"]) == (201, "agent")

    def test_without_it_nothing_of_that_is_so(self, start):
        server = start()
        for name, password, _ in self.PEOPLE:
            assert login(server, name, password).status == 401
        assert server.get("/tickets").status == 401
        assert server.get("/health", origin="https://elsewhere.example")["access-control-allow-origin"] is None
        answer = send(server, "POST", "/register", {"username": "Zoe", "email": "zoe@example.com", "password": PASSWORD, "role": "agent"})
        assert answer.status == 403
        assert said(server, "DEMO") == said(server, "demo") == []

    def test_a_desk_of_real_people_is_no_demo(self, tmp_path, url):
        done(tmp_path, "user", "create", "--email", "eve@example.com", "--password-stdin", DATABASE_URL=url, stdin=PASSWORD)
        result = martlet(tmp_path, "serve", "--demo", DATABASE_URL=url, PORT=0)
        assert result.returncode == 1 and "There are accounts here" in result.stderr
        users = done(tmp_path, "user", "list", DATABASE_URL=url)
        assert "carol" not in users and "eve" in users

    def test_it_has_a_help_centre(self, start):
        server = start(DEMO="on")
        articles = server.get("/knowledge-base?limit=100").json["items"]
        categories = server.get("/knowledge-base/categories").json
        assert len(categories["items"]) == 2 and categories["next"] is None
        assert all(category["article_count"] >= 2 for category in categories["items"])
        assert {article["category"] for article in articles} == {category["name"] for category in categories["items"]}
        for article in articles:
            assert server.get(f"/help/articles/{article['slug']}").status == 200
            # Links between them lead somewhere.
            for path in re.findall(r"\]\((/[^)]*)\)", article["content"]):
                assert server.get(path).status == 200, path

    def test_what_it_opens_can_be_closed(self, start):
        server = start(DEMO="on", PUBLIC_TICKETS="off", ALLOW_STAFF_REGISTRATION="off", CORS_ORIGIN="https://a.example")
        assert server.get("/tickets").status == 401
        assert server.get("/health", origin="https://elsewhere.example")["access-control-allow-origin"] is None


class TestMailedPages:
    def test_the_page_of_a_reset_link_sets_a_new_password(self, url, start):
        server = start()
        register(server, "eve@example.com")
        assert send(server, "POST", "/auth/password/forgot", {"email": "eve@example.com"}).status == 202
        link = mailed_link(url, "eve@example.com", "reset_password")
        assert 'type="password"' in is_page(server.get(path_of(link)), 200)
        assert "New password" in is_page(form(server, path_of(link), token=token_of(link), password="short"), 400)
        is_page(form(server, path_of(link), token=token_of(link), password="another password"), 200)
        assert login(server, "eve@example.com").status == 401
        assert login(server, "eve@example.com", "another password").status == 200
        assert "This link was used" in is_page(server.get(path_of(link)), 200)

    def test_the_page_of_a_verification_link_asks_before_it_counts(self, url, start):
        server = start()
        token = register(server, "eve@example.com").json["token"]
        link = mailed_link(url, "eve@example.com", "verify_email")
        html = is_page(server.get(path_of(link)), 200)
        assert re.findall(r'name="(\w+)"', html) == ["viewport", "token", "password", "token", "new_password"]
        for more in ({}, {"password": "a wrong one"}):
            assert "Your password: " in is_page(form(server, path_of(link), token=token_of(link), **more), 400)
        assert send(server, "GET", "/me", token=token).json["email_verified"] is False
        assert "the address is yours" in is_page(form(server, path_of(link), token=token_of(link), password=PASSWORD), 200)
        assert send(server, "GET", "/me", token=token).json["email_verified"] is True
        assert "This link was used" in is_page(form(server, path_of(link), token=token_of(link), password=PASSWORD), 400)

    def test_who_did_not_register_takes_the_account_on_the_page(self, url, start):
        server = start()
        token = register(server, "eve@example.com").json["token"]
        link = mailed_link(url, "eve@example.com", "verify_email")
        short = is_page(form(server, path_of(link), token=token_of(link), new_password="short"), 400)
        assert "New password, 8 to 256 characters: " in short
        html = is_page(form(server, path_of(link), token=token_of(link), new_password="the owner's own"), 200)
        assert "The account is yours" in html
        assert send(server, "GET", "/me", token=token).status == 401 and login(server, "eve@example.com").status == 401
        user = login(server, "eve@example.com", "the owner's own").json["user"]
        assert (user["first_name"], user["email_verified"]) == ("", True)
        assert "This link was used" in is_page(server.get(path_of(link)), 200)
