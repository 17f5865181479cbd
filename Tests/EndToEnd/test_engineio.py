"""Engine.IO 4 by hand, against a server of ours that echoes: what the protocol's own suite checks, and what hostile clients do."""

import base64
import json
import socket as sockets
import time

import pytest
from websockets.exceptions import ConnectionClosed

from conformance import MAX_PAYLOAD, PING_INTERVAL, PING_TIMEOUT, Speaker, hear, hears_end


@pytest.fixture(scope="module")
def server():
    speaker = Speaker("engineio-conformance")
    yield speaker
    speaker.stop()


def is_handshake(text, upgrades):
    assert text[0] == "0"
    value = json.loads(text[1:])
    assert set(value) == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert isinstance(value["sid"], str) and len(value["sid"]) >= 22
    assert (value["upgrades"], value["pingInterval"], value["pingTimeout"], value["maxPayload"]) == (upgrades, 300, 200, MAX_PAYLOAD)
    return True


UNKNOWN_SESSION = {"code": 1, "message": "Session ID unknown"}
BAD_REQUEST = {"code": 3, "message": "Bad request"}


# Handshake


def test_long_polling_opens_a_session(server):
    answer = server.ask(EIO=4, transport="polling")
    assert answer.status == 200
    assert answer["content-type"].lower() == "text/plain; charset=utf-8"
    assert answer["cache-control"] == "no-store"
    assert is_handshake(answer.body.decode(), ["websocket"])


def test_a_websocket_opens_a_session(server):
    with server.socket() as socket:
        assert is_handshake(socket.recv(), [])


def test_every_session_has_an_id_of_its_own(server):
    assert len({server.open_polling() for _ in range(50)}) == 50


REFUSED = [
    ({"transport": "polling"}, "GET", 5, "Unsupported protocol version"),
    ({"EIO": "abc", "transport": "polling"}, "GET", 5, "Unsupported protocol version"),
    ({"EIO": 3, "transport": "polling"}, "GET", 5, "Unsupported protocol version"),
    ({"EIO": 4}, "GET", 0, "Transport unknown"),
    ({"EIO": 4, "transport": "abc"}, "GET", 0, "Transport unknown"),
    ({"EIO": 4, "transport": "constructor", "sid": "x"}, "GET", 0, "Transport unknown"),
    ({"EIO": 4, "transport": "polling", "sid": "unknown"}, "GET", 1, "Session ID unknown"),
    ({"EIO": 4, "transport": "polling", "sid": ""}, "GET", 1, "Session ID unknown"),
    ({"EIO": 4, "transport": "polling"}, "POST", 2, "Bad handshake method"),
    ({"EIO": 4, "transport": "polling"}, "PUT", 2, "Bad handshake method"),
    ({"EIO": 4, "transport": "polling"}, "DELETE", 2, "Bad handshake method"),
    ({"EIO": 4, "transport": "websocket"}, "GET", 3, "Bad request"),
]


@pytest.mark.parametrize("query,method,code,message", REFUSED)
def test_a_bad_request_is_refused_as_the_official_server_does(server, query, method, code, message):
    answer = server.ask(method, **query)
    assert answer.status == 400
    assert answer["content-type"] == "application/json"
    assert answer.json == {"code": code, "message": message}


@pytest.mark.parametrize(
    "query,code",
    [
        ({"transport": "websocket"}, 5), ({"EIO": "abc", "transport": "websocket"}, 5), ({"EIO": 4}, 0), ({"EIO": 4, "transport": "abc"}, 0),
        ({"EIO": 4, "transport": "websocket", "sid": "unknown"}, 1),
    ])
def test_a_bad_websocket_handshake_is_refused(server, query, code):
    answer = server.refused_socket(**query)
    assert (answer.status, answer.json["code"]) == (400, code)


def test_other_origins_may_read_answers_and_refusals(server):
    fields = {"Origin": "https://shop.example"}
    assert server.ask(fields=fields, EIO=4, transport="polling")["access-control-allow-origin"] == "*"
    assert server.ask(fields=fields, EIO=4, transport="polling", sid="unknown")["access-control-allow-origin"] == "*"
    preflight = server.ask(
        "OPTIONS", fields=fields | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-a"}, EIO=4)
    assert preflight.status == 204
    assert "POST" in preflight["access-control-allow-methods"]
    assert preflight["access-control-allow-headers"] == "x-a"


# Messages over long polling


@pytest.mark.parametrize(
    "payload",
    ["4hello", "4test1\x1e4test2\x1e4test3", "4hello\x1ebAQIDBA==", "4", "4ä€𝄞", "b", "4" + "x" * 200_000],
    ids=["one", "three", "binary", "empty", "unicode", "empty-binary", "large"])
def test_a_payload_comes_back_as_it_was_sent(server, payload):
    sid = server.open_polling()
    pushed = server.post(sid, payload.encode())
    assert (pushed.status, pushed.body) == (200, b"ok")
    polled = server.poll(sid)
    assert (polled.status, polled.body.decode()) == (200, payload)


def test_a_poll_that_waits_is_answered_when_something_is_said(server):
    sid = server.open_polling()
    poll = server.polls(sid)
    assert server.post(sid, "4late").status == 200
    assert poll.answer().body == b"4late"


@pytest.mark.parametrize(
    "payload", ["abc", "", "4a\x1e", "\x1e4a", "4a\x1e\x1e4b", "7", "2", "2probe", "5", "0{}", "1x", "6x", "bA", "b====", "b!!!!"])
def test_an_invalid_packet_closes_the_session(server, payload):
    sid = server.open_polling()
    pushed = server.post(sid, payload)
    assert (pushed.status, pushed.json) == (400, BAD_REQUEST)
    assert server.poll(sid).status == 400


def test_of_a_payload_with_an_invalid_packet_nothing_is_heard(server):
    sid = server.open_polling()
    poll = server.polls(sid)
    assert server.post(sid, "4good\x1exbad").status == 400
    assert poll.answer().body == b"1"


def test_text_that_is_not_utf_8_closes_the_session(server):
    sid = server.open_polling()
    assert server.post(sid, b"4\xff\xfe").status == 400
    assert server.poll(sid).status == 400


def test_a_body_over_the_limit_is_refused(server):
    sid = server.open_polling()
    assert server.post(sid, b"4" * (MAX_PAYLOAD + 1)).status == 413
    assert server.post(sid, b"4" * 10).status == 200


def test_a_second_poll_closes_the_session(server):
    sid = server.open_polling()
    first = server.polls(sid)
    time.sleep(0.05)
    second = server.poll(sid, t="burst")
    answer = first.answer()
    assert (answer.status, answer.body) == (200, b"1")
    assert second.status == 400
    assert server.poll(sid).status == 400


def test_a_poll_that_the_client_gives_up_closes_the_session(server):
    sid = server.open_polling()
    poll = server.polls(sid)
    time.sleep(0.05)
    poll.give_up()
    time.sleep(0.05)
    assert server.poll(sid).json == UNKNOWN_SESSION


def test_two_posts_at_once_close_the_session(server):
    sid = server.open_polling()
    with sockets.create_connection((server.host, server.port)) as first:
        first.sendall(f"POST {server.path}?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n4a".encode())
        time.sleep(0.1)
        assert server.post(sid, "4b").status == 400
        assert server.poll(sid).status == 400


def test_the_polls_of_a_session_may_come_on_any_connection(server):
    """The server has two loops, and who gets a connection is chance: of fifty requests each gets some."""
    sid = server.open_polling()
    for number in range(25):
        assert server.post(sid, f"4{number}\x1e3").status == 200
        assert [packet for packet in server.poll(sid).body.decode().split("\x1e") if packet != "2"] == [f"4{number}"]


# Messages over a WebSocket


def test_a_text_comes_back_over_a_websocket(server):
    with server.socket() as socket:
        socket.recv()
        for text in ["4hello", "4", "4ä€𝄞", "4" + "x" * 500_000]:
            socket.send(text)
            assert hear(socket) == text


def test_bytes_come_back_over_a_websocket(server):
    with server.socket() as socket:
        socket.recv()
        for data in [bytes([1, 2, 3, 4]), b"", bytes(range(256)) * 1000]:
            socket.send(data)
            assert hear(socket) == data


@pytest.mark.parametrize("packet", ["abc", "", "7", "2", "2probe", "5", "0{}", "1x"])
def test_an_invalid_packet_closes_the_websocket(server, packet):
    with server.socket() as socket:
        socket.recv()
        socket.send(packet)
        assert hears_end(socket)


def test_a_message_over_the_limit_closes_the_websocket(server):
    with server.socket() as socket:
        socket.recv()
        with pytest.raises(ConnectionClosed):
            socket.send("4" * (MAX_PAYLOAD + 1))
            hears_end(socket)
            socket.send("4")


# Heartbeat


def test_the_server_pings_over_polling_and_the_client_answers(server):
    sid = server.open_polling()
    for _ in range(3):
        polled = server.poll(sid)
        assert (polled.status, polled.body) == (200, b"2")
        assert server.post(sid, "3").status == 200


def test_a_session_of_long_polling_ends_without_an_answer(server):
    sid = server.open_polling()
    time.sleep(PING_INTERVAL + PING_TIMEOUT)
    assert server.poll(sid).json == UNKNOWN_SESSION


def test_the_server_pings_over_a_websocket(server):
    with server.socket() as socket:
        socket.recv()
        for _ in range(3):
            assert socket.recv(timeout=2) == "2"
            socket.send("3")


def test_a_websocket_ends_without_an_answer(server):
    with server.socket() as socket:
        assert hears_end(socket)


# Close


def test_a_close_packet_ends_the_session_and_its_poll(server):
    sid = server.open_polling()
    poll = server.polls(sid)
    time.sleep(0.05)
    assert server.post(sid, "1").status == 200
    answer = poll.answer()
    assert (answer.status, answer.body) == (200, b"6")
    assert server.poll(sid).status == 400


def test_a_close_packet_ends_a_websocket(server):
    with server.socket() as socket:
        socket.recv()
        socket.send("1")
        assert hears_end(socket)


# Going over


def upgraded(server, socket):
    socket.send("2probe")
    assert socket.recv() == "3probe"
    socket.send("5")


def test_a_client_goes_over_to_a_websocket(server):
    sid = server.open_polling()
    with server.socket(sid=sid) as socket:
        socket.send("2probe")
        assert socket.recv() == "3probe"
        polled = server.poll(sid)
        assert (polled.status, polled.body) == (200, b"6")
        socket.send("5")
        socket.send("4hello")
        assert hear(socket) == "4hello"


def test_a_poll_that_waits_is_let_go_by_the_probe(server):
    sid = server.open_polling()
    poll = server.polls(sid)
    with server.socket(sid=sid) as socket:
        socket.send("2probe")
        assert socket.recv() == "3probe"
        assert poll.answer().body == b"6"


def test_what_waited_for_a_poll_comes_over_the_websocket(server):
    sid = server.open_polling()
    assert server.post(sid, "4one\x1ebAQID").status == 200
    with server.socket(sid=sid) as socket:
        upgraded(server, socket)
        assert (hear(socket), hear(socket)) == ("4one", b"\x01\x02\x03")


@pytest.mark.parametrize("first", ["2wrong", "2", "5", "4hello", "abc", "6", b"2probe"])
def test_a_wrong_probe_ends_the_websocket_and_leaves_the_session(server, first):
    sid = server.open_polling()
    with server.socket(sid=sid) as socket:
        socket.send(first)
        assert hears_end(socket)
    assert server.post(sid, "4still here").status == 200
    assert server.poll(sid).body == b"4still here"


def test_a_second_probe_ends_the_websocket(server):
    sid = server.open_polling()
    with server.socket(sid=sid) as first, server.socket(sid=sid) as second:
        assert hears_end(second)
        upgraded(server, first)
        first.send("4hello")
        assert hear(first) == "4hello"


def test_requests_are_refused_after_the_upgrade(server):
    sid = server.open_polling()
    with server.socket(sid=sid) as socket:
        upgraded(server, socket)
        socket.send("4done")
        assert hear(socket) == "4done"
        assert server.poll(sid).json == BAD_REQUEST
        assert server.post(sid, "4no").json == BAD_REQUEST
        socket.send("4hello")
        assert hear(socket) == "4hello"


def test_a_second_websocket_is_closed_after_the_upgrade(server):
    sid = server.open_polling()
    with server.socket(sid=sid) as socket:
        upgraded(server, socket)
        socket.send("4done")
        assert hear(socket) == "4done"
        with server.socket(sid=sid) as second:
            assert hears_end(second)
        socket.send("4hello")
        assert hear(socket) == "4hello"


def test_who_leaves_the_probed_websocket_goes_on_polling(server):
    sid = server.open_polling()
    with server.socket(sid=sid) as socket:
        socket.send("2probe")
        assert socket.recv() == "3probe"
    time.sleep(0.05)
    poll = server.polls(sid)
    assert server.post(sid, "4hello").status == 200
    assert poll.answer().body == b"4hello"


# Bounds


def test_a_client_that_does_not_read_is_dropped(server):
    with server.socket() as socket:
        socket.recv()
        before = server.rss()
        raw = socket.socket
        chunk = b"x" * 100_000
        frame = bytes([0x82, 0x80 | 127]) + len(chunk).to_bytes(8, "big") + b"\0\0\0\0" + chunk
        raw.settimeout(0.5)
        sent = 0
        # Nobody reads what comes back: our end of it fills, then the server's, and then it has enough.
        try:
            while sent < 400:
                raw.sendall(frame)
                sent += 1
        except OSError:
            pass
        assert sent < 400
        assert server.rss() < before + 20_000_000


def test_base64_is_what_others_make_of_it(server):
    sid = server.open_polling()
    for size in range(1, 60):
        data = bytes((size * 7 + place) % 256 for place in range(size))
        assert server.post(sid, b"b" + base64.b64encode(data) + b"\x1e3").status == 200
        pieces = [piece for piece in server.poll(sid).body.split(b"\x1e") if piece != b"2"]
        assert pieces == [b"b" + base64.b64encode(data)]
