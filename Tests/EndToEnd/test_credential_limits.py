"""Credentials that are no good are counted by network, whichever way they come, before any more of them is looked at."""

import json
import time

import pytest

from desks import Client, running_desk, refused
from streams import RawSocket, frame
from test_hostile import SocketIO

# A network may bring ten times as many as it may try to sign in.
SIGN_INS, BAD = 20, 200


@pytest.fixture
def desk(tmp_path):
    with running_desk("sqlite", tmp_path, AUTH_RATE_LIMIT=SIGN_INS, TRUSTED_PROXIES="127.0.0.1") as desk:
        yield desk


def within_a_minute(act):
    """Does it in one minute of the clock: what is counted is counted in that."""
    if time.time() % 60 > 40:
        time.sleep(61 - time.time() % 60)
    act()


def bring_bad_ones(desk, network, count=BAD):
    with_tokens = Client(desk.martlet)
    for number in range(count):
        answer = with_tokens.get("/tickets", authorization=f"Bearer bad.{number}.token", x_forwarded_for=network)
        assert answer.status == 401, (number, answer.body)


def tried(desk, network, token):
    return Client(desk.martlet, token).get("/tickets?limit=1", x_forwarded_for=network)


def test_one_too_many_is_refused_for_the_rest_of_the_minute(desk):
    def act():
        bring_bad_ones(desk, "198.51.100.1")
        answer = refused(tried(desk, "198.51.100.1", "another"), 429, "RATELIMIT")
        assert answer.json["message"] == f"You are being ratelimited only {BAD} per 1 minute request are allowed"
        assert 1 <= int(answer["retry-after"]) <= 60
        assert tried(desk, "198.51.100.2", "another").status == 401, "another network has its own count"
        assert Client(desk.martlet).get("/health", x_forwarded_for="198.51.100.1").status == 200

    within_a_minute(act)


def test_who_was_good_here_is_let_in_beside_those_who_are_not(desk):
    def act():
        assert tried(desk, "198.51.100.1", desk.customer.token).status == 200
        bring_bad_ones(desk, "198.51.100.1")
        assert tried(desk, "198.51.100.1", desk.customer.token).status == 200
        # Longer than a caller is remembered by itself.
        time.sleep(1.2)
        assert tried(desk, "198.51.100.1", desk.customer.token).status == 200

    within_a_minute(act)


def test_a_credential_that_ends_is_no_guess(desk):
    def act():
        tokens = [desk.signed_in("alice", "alice123") for _ in range(3)]
        for client in tokens:
            assert tried(desk, "198.51.100.1", client.token).status == 200
            assert client.post("/auth/logout", {"refresh_token": client.refresh}).status == 200
        bring_bad_ones(desk, "198.51.100.1", BAD - 1)
        for client in tokens:
            assert tried(desk, "198.51.100.1", client.token).status == 401
        # Shown a second time it is, as any other: with it the count is full.
        assert tried(desk, "198.51.100.1", tokens[0].token).status == 401
        assert tried(desk, "198.51.100.1", "another").status == 429

    within_a_minute(act)


def test_networks_of_ipv6_are_counted_by_their_first_half(desk):
    def act():
        client = Client(desk.martlet)
        for number in range(BAD):
            assert client.get("/tickets", authorization="Bearer bad", x_forwarded_for=f"2001:db8:1:2::{number:x}").status == 401
        assert tried(desk, "2001:db8:1:2:ffff::", "another").status == 429
        assert tried(desk, "2001:db8:1:3::", "another").status == 401

    within_a_minute(act)


def by_query(desk, token):
    return desk.martlet.get(f"/ws?token={token}", upgrade="websocket", connection="upgrade", sec_websocket_version="13",
                            sec_websocket_key="AAAAAAAAAAAAAAAAAAAAAA==").status


def by_chat(desk, token):
    return desk.martlet.get(f"/ws/tickets/1?token={token}", upgrade="websocket", connection="upgrade", sec_websocket_version="13",
                            sec_websocket_key="AAAAAAAAAAAAAAAAAAAAAA==").status


def by_frame(desk, token):
    """On a socket that is open already."""
    with RawSocket(desk.martlet) as socket:
        socket.socket.sendall(frame(1, json.dumps({"type": "authorize", "token": token}).encode()))
        return {"UNAUTHORIZED": 401, "RATELIMIT": 429}[socket.answer()]


class OneSocketIO:
    """One socket that tries again and again."""

    def __init__(self, desk):
        self.socket = SocketIO(desk)

    def __call__(self, _, token):
        self.socket.say("42" + json.dumps(["authorize", {"token": token}]))
        message = json.loads(self.socket.packet()[2:])[1]["message"]
        return 429 if "ratelimited" in message else 401


@pytest.mark.parametrize("way", [by_query, by_chat, by_frame, OneSocketIO])
def test_every_way_in_is_counted(desk, way):
    def act():
        show = way(desk) if isinstance(way, type) else way
        statuses = [show(desk, f"bad{number}") for number in range(BAD)]
        assert set(statuses) == {401}
        assert show(desk, "another") == 429
        # All count together.
        assert Client(desk.martlet, "another").get("/tickets").status == 429

    within_a_minute(act)


def test_without_a_limit_of_sign_ins_there_is_none_of_these(tmp_path):
    with running_desk("sqlite", tmp_path) as desk:
        bring_bad_ones(desk, "198.51.100.1", 300)
