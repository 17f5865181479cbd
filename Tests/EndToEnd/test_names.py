"""What names, titles and tags may be, and whose an address is, on every way in."""

import urllib.parse
import uuid

import pytest

from accounts import PASSWORD


def address():
    return f"{uuid.uuid4().hex}@example.com"


def account(**more):
    return {"email": address(), "password": PASSWORD, "first_name": "A", "last_name": "B"} | more


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
