"""Tokens of outside issuers: backends that know their people themselves, and vouch for them with a signature."""

import base64
import contextlib
import http.server
import json
import threading
import time
import uuid

import pytest

from accounts import PASSWORD, login, register, send
from commands import martlet
from desks import ENGINES, UNLIMITED, database
from martlet import Martlet
from outbox import mailed_link
from signing import Key, b64, hs256, totp, unsigned

SECRET = "an-issuers-secret-0123456789abcdef"
ALGORITHMS = ["RS256", "ES256", "EdDSA"]


def claims(role="CUSTOMER", **more):
    name = uuid.uuid4().hex[:12]
    return {"id": name, "username": f"Eve {name}", "email": f"{name}@example.com", "role": role} | more


def me(server, token):
    return send(server, "GET", "/me", token=token)


@contextlib.contextmanager
def server_on(engine, folder, **settings):
    with database(engine, folder) as url:
        server = Martlet(folder, DATABASE_URL=url, ADMIN_EMAIL="ada@example.com", ADMIN_PASSWORD=PASSWORD, **(UNLIMITED | settings))
        server.database = url
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module", params=ENGINES)
def server(request, tmp_path_factory):
    """One that believes who knows the secret."""
    with server_on(request.param, tmp_path_factory.mktemp("delegated"), DELEGATED_JWT_SECRET=SECRET) as server:
        yield server


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {algorithm: Key(folder, algorithm) for algorithm in ALGORITHMS}


def events_behind(server, token, seq):
    """All events behind that number."""
    path = f"/events?after={seq}&limit=100"
    while path:
        page = send(server, "GET", path, token=token)
        assert page.status == 200, page.body
        yield from page.json["items"]
        cursor = page.json["next"]
        path = cursor and f"/events?after={seq}&limit=100&cursor={cursor}"


class Issuer:
    """Publishes keys at an address of this machine."""

    def __init__(self, *keys):
        self.keys, self.asked = list(keys), 0
        issuer = self
        # Made now: openssl may be slow where much runs at once, and whoever asks for keys is in a hurry.
        _ = [key.jwk for key in keys]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked += 1
                body = json.dumps({"keys": [key.jwk for key in issuer.keys]}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/keys"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class TestSharedSecret:
    @pytest.mark.parametrize("role,ours", [
        ("TEMP_USER", "guest"), ("CUSTOMER", "customer"), ("AGENT", "agent"), ("ADMIN", "admin"), ("customer", "customer")])
    def test_somebody_is_known_on_first_sight(self, server, role, ours):
        said = claims(role)
        answer = me(server, hs256(said, SECRET))
        assert answer.status == 200, answer.body
        user = answer.json
        assert (user["name"], user["email"], user["role"], user["email_verified"]) == (said["username"], said["email"], ours, False)
        assert me(server, hs256(said, SECRET)).json["id"] == user["id"]

    def test_they_work_on_every_route_of_theirs(self, server):
        guest = hs256(claims("TEMP_USER"), SECRET)
        ticket = send(server, "POST", "/tickets", {"title": "a", "description": "b"}, guest)
        assert ticket.status == 201
        assert [t["id"] for t in send(server, "GET", "/tickets", token=guest).json["items"]] == [ticket.json["id"]]
        other = hs256(claims("CUSTOMER"), SECRET)
        assert send(server, "GET", f"/tickets/{ticket.json['id']}", token=other).status == 404
        assert send(server, "GET", "/users", token=other).status == 403
        agent = hs256(claims("AGENT"), SECRET)
        assert send(server, "GET", f"/tickets/{ticket.json['id']}", token=agent).status == 200
        assert send(server, "GET", "/users", token=agent).status == 200
        assert send(server, "POST", "/users", {"email": "x@example.com"}, agent).status == 403
        admin = hs256(claims("ADMIN"), SECRET)
        assert send(server, "DELETE", f"/tickets/{ticket.json['id']}", token=admin).status == 204

    def test_claims_that_change_are_taken_on(self, server):
        said = claims()
        end = int(time.time()) + 3600
        id = me(server, hs256(said | {"exp": end}, SECRET)).json["id"]
        user = me(server, hs256(said | {"username": "Mallory", "role": "AGENT", "exp": end + 1}, SECRET)).json
        assert (user["id"], user["name"], user["role"]) == (id, "Mallory", "agent")

    def test_a_token_without_a_time_raises_nobody_and_two_in_turn_change_little(self, server):
        said, admin = claims("ADMIN"), login(server, "ada@example.com").json["token"]
        old, new = hs256(said, SECRET), hs256(said | {"role": "CUSTOMER", "username": "Eve"}, SECRET)
        assert me(server, old).json["role"] == "admin"
        id = me(server, new).json["id"]
        assert [send(server, "GET", "/users", token=old).status for _ in range(2)] == [403, 403]
        for _ in range(20):
            assert {me(server, token).json["role"] for token in (old, new)} == {"customer"}
        events = [event for event in events_behind(server, admin, 0) if event["type"] == "user.updated" and event["data"]["id"] == id]
        assert len(events) == 1

    def test_they_make_no_keys(self, server):
        agent = hs256(claims("ADMIN"), SECRET)
        answer = send(server, "POST", "/api-keys", {"name": "for ever", "scopes": ["read"]}, agent)
        assert answer.status == 403, answer.body

    def test_they_are_never_somebody_with_an_account(self, server):
        account = register(server, f"{uuid.uuid4().hex}@example.com").json["user"]
        user = me(server, hs256(claims(email=account["email"], id=account["id"], username=account["username"]), SECRET)).json
        assert user["id"] != account["id"]

    def test_another_issuers_people_are_others(self, server):
        said = claims()
        ids = {me(server, hs256(said | more, SECRET)).json["id"] for more in ({}, {"iss": "default"}, {"iss": "shop"}, {"iss": "blog"})}
        assert len(ids) == 3

    def test_who_is_deactivated_here_is_out(self, server):
        token = hs256(claims("AGENT"), SECRET)
        user = me(server, token).json
        admin = login(server, "ada@example.com").json["token"]
        assert send(server, "PATCH", f"/users/{user['id']}", {"is_active": False}, admin).status == 200
        assert me(server, token).status == 401

    @pytest.mark.parametrize("change", [
        {"exp": 1}, {"nbf": 99999999999}, {"id": None}, {"id": ""}, {"username": ""}, {"role": "KING"}, {"role": None}, {"iss": "martlet"},
        {"email": 5}, {"id": {"a": 1}}])
    def test_claims_that_are_none_are_refused(self, server, change):
        assert me(server, hs256(claims() | change, SECRET)).status == 401

    def test_a_token_that_ends_ends(self, server):
        token = hs256(claims(exp=int(time.time()) + 2), SECRET)
        assert me(server, token).status == 200
        time.sleep(2.1)
        assert me(server, token).status == 401

    @pytest.mark.parametrize("make", [
        lambda said: unsigned(said), lambda said: unsigned(said) + "AAAA", lambda said: hs256(said, "another secret of that length"),
        lambda said: hs256(said, SECRET, alg="none"), lambda said: hs256(said, SECRET, alg="HS512"),
        lambda said: hs256(said, SECRET, alg="RS256"), lambda said: hs256(said, SECRET)[:-2],
        lambda said: hs256(said, SECRET, crit=["exp"]), lambda said: hs256(said, SECRET).replace(".", ".A", 1), lambda said: hs256(said, b"")])
    def test_what_is_not_signed_is_refused(self, server, make):
        answer = me(server, make(claims("ADMIN")))
        assert (answer.status, answer["www-authenticate"]) == (401, "Bearer")

    def test_a_token_of_the_other_kind_is_refused(self, server):
        own = register(server, f"{uuid.uuid4().hex}@example.com").json
        sid = json.loads(base64.urlsafe_b64decode(own["token"].split(".")[1] + "=="))["sid"]
        forged = {"iss": "martlet", "sub": own["user"]["id"], "role": "admin", "exp": int(time.time()) + 900, "sid": sid}
        assert me(server, hs256(forged, SECRET)).status == 401
        assert me(server, hs256(forged | claims("ADMIN"), SECRET)).status == 401

    def test_a_guests_tickets_go_to_the_account_once_its_address_is_verified(self, server):
        said = claims("TEMP_USER")
        guest = hs256(said, SECRET)
        ticket = send(server, "POST", "/tickets", {"title": "a", "description": "b"}, guest).json["id"]
        token = register(server, said["email"]).json["token"]
        assert send(server, "GET", f"/tickets/{ticket}", token=token).status == 404
        link = mailed_link(server.database, said["email"], "verify_email")
        assert send(server, "POST", "/auth/verify", {"token": link.split("=")[1]}, token).status == 204
        assert send(server, "GET", f"/tickets/{ticket}", token=token).status == 200
        assert [t["id"] for t in send(server, "GET", "/tickets/my", token=token).json["items"]] == [ticket]

    def test_the_link_alone_hands_nothing_to_who_registered(self, server):
        """A stranger registers the address, and its owner follows the link without a thought."""
        said = claims("TEMP_USER")
        ticket = send(server, "POST", "/tickets", {"title": "a", "description": "b"}, hs256(said, SECRET)).json["id"]
        stranger = register(server, said["email"]).json["token"]
        link = mailed_link(server.database, said["email"], "verify_email")
        assert send(server, "POST", "/auth/verify", {"token": link.split("=")[1]}).status == 204
        assert send(server, "GET", "/me", token=stranger).json["email_verified"] is True
        again = login(server, said["email"]).json["token"]
        for token in (stranger, again):
            assert send(server, "GET", f"/tickets/{ticket}", token=token).status == 404
        # Its owner asks for a password, and has both.
        assert send(server, "POST", "/auth/password/forgot", {"email": said["email"]}).status == 202
        reset = mailed_link(server.database, said["email"], "reset_password").split("=")[1]
        assert send(server, "POST", "/auth/password/reset", {"token": reset, "password": "the owner's own"}).status == 204
        owner = login(server, said["email"], "the owner's own").json["token"]
        assert send(server, "GET", f"/tickets/{ticket}", token=owner).status == 200


class TestSettings:
    def test_without_one_no_issuer_is_believed(self, tmp_path):
        with server_on("sqlite", tmp_path, JWT_SECRET=SECRET) as server:
            assert me(server, hs256(claims("ADMIN"), SECRET)).status == 401

    def test_the_shared_secret_of_the_documents_makes_delegated_tokens_and_never_ours(self, tmp_path):
        with server_on("sqlite", tmp_path, JWT_SECRET_KEY=SECRET) as server:
            assert me(server, hs256(claims("AGENT"), SECRET)).json["role"] == "agent"
            own = login(server, "ada@example.com").json
            assert me(server, own["token"]).status == 200
            head, body, _ = own["token"].split(".")
            payload = json.loads(base64.urlsafe_b64decode(body + "=="))
            assert me(server, hs256(payload, SECRET)).status == 401

    def test_one_secret_for_both_stops_the_start(self, tmp_path):
        result = martlet(tmp_path, "serve", PORT=0, JWT_SECRET=SECRET, DELEGATED_JWT_SECRET=SECRET)
        assert result.returncode == 1 and "are the same" in result.stderr

    @pytest.mark.parametrize("own, delegated", [("JWT_SECRET", "DELEGATED_JWT_SECRET"), (None, "JWT_SECRET_KEY")])
    def test_a_secret_takes_anothers_place_and_nobody_is_signed_out(self, tmp_path, own, delegated):
        def secrets(number, previous=None):
            set = {delegated: f"their-secret-{number}"} | ({own: f"our-own-secret-{number}"} if own else {})
            if previous:
                set |= {f"{name}_PREVIOUS": value for name, value in secrets(previous).items()}
            return set

        folder, url = tmp_path, f"sqlite:{tmp_path}/martlet.db"
        usual = {"DATABASE_URL": url, "ADMIN_EMAIL": "ada@example.com", "ADMIN_PASSWORD": PASSWORD} | UNLIMITED
        said = claims("AGENT", exp=int(time.time()) + 3600)
        server = Martlet(folder, **usual, **secrets(1))
        signed, vouched = login(server, "ada@example.com").json, hs256(said, "their-secret-1")
        made = send(server, "POST", "/me/totp", token=signed["token"]).json
        assert send(server, "POST", "/me/totp/confirm", {"code": totp(made["secret"], -1)}, signed["token"]).status == 200
        assert [me(server, token).status for token in (signed["token"], vouched)] == [200, 200]
        server.stop()
        server = Martlet(folder, **usual, **secrets(2, previous=1))
        assert [me(server, token).status for token in (signed["token"], vouched)] == [200, 200]
        assert me(server, hs256(said, "their-secret-2")).status == 200
        pair = send(server, "POST", "/auth/refresh", {"refresh_token": signed["refresh_token"]}).json
        server.stop()
        # The old one is taken out: what it signed is good no more, and nothing else is lost.
        server = Martlet(folder, **usual, **secrets(2))
        tokens = (signed["token"], vouched, pair["access_token"], hs256(said, "their-secret-2"))
        assert [me(server, token).status for token in tokens] == [401, 401, 200, 200]
        again = send(server, "POST", "/auth/login", {"email": "ada@example.com", "password": PASSWORD, "totp": totp(made["secret"])})
        assert again.status == 200, again.body
        server.stop()

    def test_the_highest_role_is_the_operators_to_say(self, tmp_path):
        with server_on("sqlite", tmp_path, DELEGATED_JWT_SECRET=SECRET, DELEGATED_MAX_ROLE="customer") as server:
            assert [me(server, hs256(claims(role), SECRET)).json["role"] for role in ("TEMP_USER", "CUSTOMER", "AGENT", "ADMIN")] == [
                "guest", "customer", "customer", "customer"]

    def test_audience_and_an_end_may_be_demanded(self, tmp_path):
        with server_on(
                "sqlite", tmp_path, DELEGATED_JWT_SECRET=SECRET, DELEGATED_AUDIENCE="martlet", DELEGATED_REQUIRE_EXP="on") as server:
            end = int(time.time()) + 60
            assert me(server, hs256(claims(exp=end, aud="martlet"), SECRET)).status == 200
            assert me(server, hs256(claims(exp=end, aud=["shop", "martlet"]), SECRET)).status == 200
            for more in ({"aud": "martlet"}, {"exp": end}, {"exp": end, "aud": "shop"}, {"exp": end, "aud": ["shop"]}):
                assert me(server, hs256(claims(**more), SECRET)).status == 401, more


class TestPublicKeys:
    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_a_key_in_a_file_vouches(self, tmp_path, keys, algorithm):
        key = keys[algorithm]
        with server_on("sqlite", tmp_path, DELEGATED_PUBLIC_KEY=key.public_path) as server:
            assert me(server, key.token(claims("AGENT"))).json["role"] == "agent"
            assert me(server, key.token(claims("AGENT"))[:-4] + "AAAA").status == 401
            # Everybody knows the public key: it must not be taken for a secret.
            for secret in (key.public_path.read_bytes(), key.public_path.read_bytes().strip()):
                assert me(server, hs256(claims("ADMIN"), secret)).status == 401
                assert me(server, hs256(claims("ADMIN"), secret, alg=algorithm)).status == 401
            other = next(keys[name] for name in ALGORITHMS if name != algorithm)
            assert me(server, other.token(claims("ADMIN"))).status == 401

    @pytest.mark.parametrize("write", [lambda pem: pem, lambda pem: pem.strip().replace("\n", "\\n")])
    def test_a_key_in_the_setting_itself_vouches(self, tmp_path, keys, write):
        key = keys["ES256"]
        with server_on("sqlite", tmp_path, DELEGATED_PUBLIC_KEY=write(key.public_path.read_text())) as server:
            assert me(server, key.token(claims("AGENT"))).json["role"] == "agent"
            assert me(server, keys["RS256"].token(claims("AGENT"))).status == 401

    def test_a_text_that_is_no_key_stops_the_start(self, tmp_path):
        result = martlet(tmp_path, "serve", PORT=0, DELEGATED_PUBLIC_KEY="-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
        assert result.returncode == 1 and "DELEGATED_PUBLIC_KEY: the text holds no public key" in result.stderr

    @pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
    def test_a_file_that_holds_none_stops_the_start(self, tmp_path, text):
        (tmp_path / "key.pem").write_text(text)
        result = martlet(tmp_path, "serve", PORT=0, DELEGATED_PUBLIC_KEY=tmp_path / "key.pem")
        assert result.returncode == 1 and "DELEGATED_PUBLIC_KEY" in result.stderr

    def test_a_public_key_is_no_secret(self, tmp_path, keys):
        pem = keys["RS256"].public_path.read_text().replace("\n", "").replace(" ", "")
        result = martlet(tmp_path, "serve", PORT=0, DELEGATED_JWT_SECRET=pem)
        assert result.returncode == 1, result.stderr


class TestPublishedKeys:
    @pytest.mark.parametrize("engine", ENGINES)
    def test_keys_that_are_fetched_vouch(self, engine, tmp_path, keys):
        issuer = Issuer(*keys.values())
        try:
            with server_on(engine, tmp_path, DELEGATED_JWKS_URL=issuer.url) as server:
                for algorithm in ALGORITHMS:
                    answer = me(server, keys[algorithm].token(claims("AGENT")))
                    assert (answer.status, answer.json.get("role")) == (200, "agent"), algorithm
                assert issuer.asked == 1
                assert me(server, hs256(claims("ADMIN"), b64(b"guess"))).status == 401
        finally:
            issuer.stop()

    def test_a_new_key_is_fetched_when_it_comes(self, tmp_path, keys):
        issuer = Issuer(keys["RS256"])
        try:
            with server_on("sqlite", tmp_path, DELEGATED_JWKS_URL=issuer.url) as server:
                assert me(server, keys["RS256"].token(claims())).status == 200
                _ = keys["ES256"].jwk
                issuer.keys.append(keys["ES256"])
                assert me(server, keys["ES256"].token(claims())).status == 200
                # One more unknown key within the minute asks nobody.
                assert me(server, keys["EdDSA"].token(claims())).status == 401
                assert issuer.asked == 2
        finally:
            issuer.stop()

    def test_an_issuer_that_is_down_locks_out_nobody_else(self, tmp_path, keys):
        issuer = Issuer(keys["RS256"])
        issuer.stop()
        with server_on("sqlite", tmp_path, DELEGATED_JWKS_URL=issuer.url) as server:
            server.wait_for_line("an issuer's keys were not fetched")
            assert login(server, "ada@example.com").status == 200
            assert me(server, keys["RS256"].token(claims())).status == 401
