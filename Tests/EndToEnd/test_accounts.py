import base64
import json
import re

import pytest

from accounts import PASSWORD, form, locations, login, register, send
from desks import ENGINES, UNLIMITED, database
from martlet import Martlet

USER = ["available", "created_at", "email", "email_verified", "first_name", "id", "is_active", "last_name", "name", "role",
        "support_role", "updated_at", "username"]


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("accounts")
    with database(request.param, folder) as url:
        martlet = Martlet(folder, DATABASE_URL=url, **UNLIMITED)
        yield martlet
        martlet.stop()


def test_who_registers_is_a_customer_and_signed_in(desk):
    answer = register(desk, "Eve.Doe@Example.com")
    assert answer.status == 201, answer.body
    assert sorted(answer.json) == ["access_token", "expires_in", "refresh_token", "token", "token_type", "user"]
    user = answer.json["user"]
    assert sorted(user) == USER
    assert (user["email"], user["username"], user["name"]) == ("Eve.Doe@Example.com", "Eve.Doe", "Eve Doe")
    assert (user["role"], user["support_role"], user["is_active"], user["email_verified"]) == ("customer", "general", True, False)
    assert (answer.json["token_type"], answer.json["expires_in"], answer.json["token"]) == ("bearer", 900, answer.json["access_token"])
    assert answer["location"] == f"/users/{user['id']}"
    assert answer["cache-control"] == "no-store"
    assert send(desk, "POST", "/tickets", {"title": "a", "description": "b"}, answer.json["token"]).status == 201


def test_an_access_token_says_who_what_and_until_when(desk):
    token = register(desk, "claims@example.com").json["access_token"]
    head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    assert head["alg"] == "HS256"
    assert sorted(claims) == ["exp", "iat", "iss", "jti", "role", "sid", "sub"]
    assert (claims["iss"], claims["role"], claims["exp"] - claims["iat"]) == ("martlet", "customer", 900)


def test_a_known_address_is_refused_in_any_case(desk):
    assert register(desk, "twice@example.com").status == 201
    answer = register(desk, "TWICE@example.com")
    assert (answer.status, answer.json["error"], answer.json["message"]) == (409, "CONFLICT", "Email already registered")


def test_the_second_of_a_local_part_gets_a_number(desk):
    names = [register(desk, f"sam@{host}.example").json["user"]["username"] for host in ("one", "two", "three")]
    assert names == ["sam", "sam2", "sam3"]


def test_a_username_that_is_asked_for_is_given_or_refused(desk):
    assert register(desk, "zoe@example.com", username="Zoë").json["user"]["username"] == "Zoë"
    assert register(desk, "zoe2@example.com", username="zoË").json["message"] == "Username already taken"
    assert locations(register(desk, "zoe3@example.com", username="zoe@3")) == ["username"]


@pytest.mark.parametrize("role", ["agent", "admin", "CSR"])
def test_nobody_registers_as_staff(desk, role):
    assert register(desk, "staff@example.com", role=role).status == 403
    token = register(desk, f"customer.{role}@example.com").json["token"]
    answer = send(desk, "POST", "/auth/register", {
        "email": "staff@example.com", "password": PASSWORD, "first_name": "E", "last_name": "D", "role": role}, token)
    assert answer.status == 403


@pytest.mark.parametrize("role", ["customer", "user", "guest"])
def test_every_other_role_is_a_customers(desk, role):
    assert register(desk, f"asks.{role}@example.com", role=role).json["user"]["role"] == "customer"


def test_all_that_is_wrong_is_told_at_once(desk):
    answer = send(desk, "POST", "/auth/register", {"email": 1, "password": "short", "last_name": "", "typo": 1})
    assert answer.status == 400
    assert locations(answer) == ["email", "first_name", "last_name", "password", "typo"]


@pytest.mark.parametrize("email", [
    "nobody", "a@b@c.de", "a b@c.de", "a@b", "a@.de", "a@c..de", "@c.de", "a@", "a\n@c.de", "<a@c.de>", "a@-c.de", ".a@c.de", "a,b@c.de"])
def test_what_is_no_address_is_refused(desk, email):
    answer = register(desk, email)
    assert answer.status == 400 and locations(answer) == ["email"], email


@pytest.mark.parametrize("email", ["a@localhost", "a+b@c.de", "o'neil@example.co.uk", "müller@exämple.de", f"{'a' * 64}@example.com"])
def test_what_is_an_address_is_taken(desk, email):
    assert register(desk, email).status == 201


@pytest.mark.parametrize("name", ["login@example.com", "LOGIN@example.com", "login", "LogIn"])
def test_one_signs_in_by_address_or_username_in_any_case(desk, name):
    register(desk, "login@example.com")
    answer = login(desk, name)
    assert answer.status == 200
    assert sorted(answer.json) == ["access_token", "expires_in", "refresh_token", "token", "token_type", "user"]
    assert sorted(answer.json["user"]) == USER


@pytest.mark.parametrize("name,password", [
    ("known@example.com", "wrong password"), ("unknown@example.com", PASSWORD), ("known@example.com", PASSWORD + " "), ("nobody", "x")])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(desk, name, password):
    register(desk, "known@example.com")
    answer = login(desk, name, password)
    assert (answer.status, answer.json["error"], answer.json["message"]) == (401, "UNAUTHORIZED", "Invalid credentials")
    assert answer["www-authenticate"] == "Bearer"


def test_oauths_form_gives_a_pair_of_tokens(desk):
    register(desk, "form@example.com")
    answer = form(desk, "/auth/token", username="form", password=PASSWORD, grant_type="password", scope="", client_id="x")
    assert answer.status == 200
    assert sorted(answer.json) == ["access_token", "expires_in", "refresh_token", "token_type"]
    assert answer.json["token_type"] == "bearer"
    assert form(desk, "/auth/token", username="form@example.com", password=PASSWORD).status == 200


def test_oauths_form_is_a_form(desk):
    assert send(desk, "POST", "/auth/token", {"username": "form", "password": PASSWORD}).status == 415
    assert form(desk, "/auth/token", username="form").status == 400
    assert form(desk, "/auth/token", username="form", password="wrong").status == 401


def test_a_refresh_token_is_good_once(desk):
    first = register(desk, "refresh@example.com").json
    second = send(desk, "POST", "/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert second.status == 200
    assert sorted(second.json) == ["access_token", "expires_in", "refresh_token", "token_type"]
    third = send(desk, "POST", "/auth/refresh", {"refresh_token": second.json["refresh_token"]})
    assert third.status == 200
    # The first again: somebody copied it, so all that came of it is dead.
    assert send(desk, "POST", "/auth/refresh", {"refresh_token": first["refresh_token"]}).status == 401
    assert send(desk, "POST", "/auth/refresh", {"refresh_token": third.json["refresh_token"]}).status == 401
    assert send(desk, "POST", "/tickets", {"title": "a", "description": "b"}, third.json["access_token"]).status == 401


def test_signing_out_ends_both_tokens_and_may_be_said_twice(desk):
    tokens = register(desk, "out@example.com").json
    for _ in range(2):
        assert send(desk, "POST", "/auth/logout", {"refresh_token": tokens["refresh_token"]}).status == 200
    assert send(desk, "POST", "/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status == 401
    assert send(desk, "POST", "/tickets", {"title": "a", "description": "b"}, tokens["access_token"]).status == 401
    assert login(desk, "out").status == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.", "mrt_nothing"])
def test_a_bad_credential_is_refused_even_here(desk, token):
    assert send(desk, "POST", "/auth/login", {"email": "a", "password": "b"}, token).status == 401
