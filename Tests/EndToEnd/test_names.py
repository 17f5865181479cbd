"""What names, titles and tags may be, and whose an address is, on every way in."""

import urllib.parse
import uuid

import pytest

from accounts import PASSWORD

BROKEN = ["a\r\nBcc: x@evil.example", "a\u001bb", "a\u0007b", "a\u202eb", "a\u2066b", "a\u2028b", "a\u0085b", "a\tb"]
BLANK = [" ", "  ", "\u00a0", "\u200b", "\u200d\ufeff", "\u3164", "\u2800"]


def address():
    return f"{uuid.uuid4().hex}@example.com"


def account(**more):
    return {"email": address(), "password": PASSWORD, "first_name": "A", "last_name": "B"} | more


TICKET = {"title": "Printer on fire", "description": "It burns."}
CSR = TICKET | {"category": None, "type": None}
ARTICLE = {"title": "Fire", "content": "Run."}

# Who sends what where, and which field of it is a line.
LINES = [
    ("anonymous", "POST", "/auth/register", account, "first_name"), ("anonymous", "POST", "/auth/register", account, "last_name"),
    ("admin", "POST", "/users", account, "first_name"), ("admin", "PATCH", "/users/{other}", dict, "last_name"),
    ("other", "PATCH", "/me", dict, "first_name"), ("other", "PATCH", "/me", dict, "last_name"),
    ("agent", "POST", "/api-keys", lambda: {"scopes": ["read"]}, "name"),
    ("customer", "POST", "/tickets", lambda: TICKET, "title"), ("customer", "POST", "/tickets", lambda: TICKET, "category"),
    ("customer", "POST", "/tickets", lambda: TICKET, "type"), ("customer", "POST", "/tickets", lambda: TICKET, "tags.0"),
    ("agent", "POST", "/tickets", lambda: TICKET | {"requester": {"email": address()}}, "requester.name"),
    ("agent", "PATCH", "/tickets/{ticket}", dict, "title"), ("agent", "PUT", "/tickets/{ticket}", dict, "category"),
    ("agent", "PATCH", "/tickets/{ticket}", dict, "tags.0"),
    ("agent", "POST", "/knowledge-base", lambda: ARTICLE, "title"), ("agent", "POST", "/knowledge-base", lambda: ARTICLE, "category"),
    ("agent", "POST", "/knowledge-base", lambda: ARTICLE, "tags.0"),
    ("anonymous", "POST", "/register", lambda: {"email": address(), "password": PASSWORD}, "username"),
    ("customer", "POST", "/create", lambda: TICKET, "title"),
    ("anonymous", "POST", "/api/v1/auth/signup", lambda: {"email": address(), "password": PASSWORD}, "full_name"),
    ("customer", "POST", "/api/v1/users/tickets", lambda: CSR, "title"), ("customer", "POST", "/api/v1/users/tickets", lambda: CSR, "type"),
    ("customer", "POST", "/api/v1/tickets", lambda: {"description": "b"}, "topic"),
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line[1]} {line[2]} {line[4]}")
def test_a_line_has_no_end_in_it_and_is_seen(desk, line):
    who, method, path, others, field = line
    client = getattr(desk, who)
    path = path.format(other=desk.other.id, ticket=desk.ticket()["id"])
    first, _, rest = field.partition(".")
    # The Live dialect counts what was refused too, three a minute.
    some = (BROKEN[:1], BLANK[3:4]) if path == "/api/v1/tickets" else (BROKEN, BLANK)
    for texts, fault in zip(some, ("value_error", "string_too_short")):
        for text in texts:
            value = [text] if rest == "0" else dict(others()[first], **{rest: text}) if rest else text
            answer = client.request(method, path, dict(others(), **{first: value}))
            assert answer.status == 400, (text, answer.body)
            assert [(each["location"], each["type"]) for each in answer.json["errors"]] == [(field, fault)], (text, answer.body)


def test_what_people_write_at_length_is_theirs(desk):
    text = "\u202eone\r\n\ttwo \u001b[1m\u200b"
    ticket = desk.ticket(description=text)
    assert ticket["description"] == text
    assert desk.comment(ticket, content=text)["content"] == text
    assert desk.ticket(title=" שלום\u200f – 👩\u200d🚀 ")["title"] == " שלום\u200f – 👩\u200d🚀 "


def test_a_last_name_is_cleared_by_null_and_never_empty(desk):
    person = desk.register("Lara", "Last")
    for client, path in ((person, "/me"), (desk.admin, f"/users/{person.id}")):
        assert [fault["location"] for fault in client.patch(path, {"last_name": ""}).json["errors"]] == ["last_name"]
        assert (client.patch(path, {"last_name": "Last"}).json["name"], client.patch(path, {"last_name": None}).json["name"]) == (
            "Lara Last", "Lara")


@pytest.mark.parametrize("username", ["аlice", "bob＠x", "0198b7a4-5c1e-7000-8000-000000000000", "b\u200bob", "b\u0301", "\u0301b"])
def test_a_username_is_of_one_alphabet_and_seen(desk, username):
    answer = desk.anonymous.post("/auth/register", account(username=username))
    if username == "b\u0301":
        assert answer.status == 201
    else:
        assert [fault["location"] for fault in answer.json["errors"]] == ["username"], answer.body


@pytest.mark.parametrize("username", ["Admin", "ａdmin", "supp0rt", "r00t", "Martlet", "ме"])
def test_the_staffs_usernames_are_no_customers(desk, username):
    answer = desk.anonymous.post("/auth/register", account(username=username))
    assert [(fault["location"], fault["type"]) for fault in answer.json["errors"]] == [("username", "username_reserved")], answer.body
    patch = desk.admin.patch(f"/users/{desk.other.id}", {"username": username})
    assert [fault["type"] for fault in patch.json["errors"]] == ["username_reserved"]


def test_one_address_is_one_account(desk):
    name = uuid.uuid4().hex
    user = desk.anonymous.post("/auth/register", account(email=f"josé.{name}@Bücher.example")).json["user"]
    for email in (f"JOSE\u0301.{name}@xn--bcher-kva.example", f"josé.{name}@bu\u0308cher.example"):
        assert desk.anonymous.post("/auth/register", account(email=email)).status == 409
        assert desk.anonymous.post("/auth/login", {"email": email, "password": PASSWORD}).json["user"]["id"] == user["id"]
        found = desk.agent.get("/users?" + urllib.parse.urlencode({"q": email})).json["items"]
        assert [person["id"] for person in found] == [user["id"]]
    for email in (f"{name}@\u0301example.com", f"a@\u0301{name}@example.com"):
        assert desk.anonymous.post("/auth/register", account(email=email)).status == 400


def test_what_staff_open_by_id_is_no_strangers(desk):
    body = account()
    assert desk.anonymous.post("/auth/register", body).status == 201
    stranger = desk.signed_in(body["email"], PASSWORD)
    ticket = desk.agent.post("/tickets", TICKET | {"requester": stranger.id}).json
    assert ticket["requester"]["id"] != stranger.id and ticket["requester"]["email"] == body["email"]
    assert stranger.get(f"/tickets/{ticket['id']}").status == 404 and stranger.get("/tickets").json["items"] == []
    again = desk.agent.post("/tickets", TICKET | {"requester": {"email": body["email"].upper()}}).json
    assert again["requester"]["id"] == ticket["requester"]["id"]


def test_an_account_of_the_admins_is_its_address(desk):
    email = address()
    user = desk.admin.post("/users", account(email=email)).json
    for requester in ({"email": email.upper(), "name": "Another"}, user["id"]):
        assert desk.agent.post("/tickets", TICKET | {"requester": requester}).json["requester"]["id"] == user["id"]
    assert [person["id"] for person in desk.agent.get(f"/users?q={email}").json["items"]] == [user["id"]]
    owner = desk.signed_in(email, PASSWORD)
    assert len(owner.get("/tickets").json["items"]) == 2
