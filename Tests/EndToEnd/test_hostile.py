"""What a client may get wrong over Engine.IO, Socket.IO and the chat, on a live server: each is told, or sent away, and nobody else notices.
What the desk's own socket is told wrong stands in test_streams.py."""

import json
import struct

import pytest

from desks import running_desk
from footprint import resident_mib
from streams import RawSocket, frame

SOCKET = "/socket.io/?EIO=4&transport=websocket"
POLLING = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with running_desk("sqlite", tmp_path_factory.mktemp("hostile")) as desk:
        yield desk


class SocketIO(RawSocket):
    """A client of Socket.IO over a WebSocket, which may be in the namespace or not yet."""

    def __init__(self, desk, enters=True):
        super().__init__(desk.martlet, path=SOCKET)
        assert self.packet().startswith("0{")
        if enters:
            self.say("40")
            assert self.packet().startswith("40{")

    def say(self, text):
        self.socket.sendall(frame(1, text.encode()))

    def packet(self):
        """The next packet's text, or the code of the close."""
        opcode, content = self.frame()
        return struct.unpack("!H", content[:2])[0] if opcode == 8 else content.decode()

    def answer(self):
        """The event or packet that a mistake is answered with, or the code of the close; "end" for an end without a word."""
        try:
            packet = self.packet()
        except (EOFError, ConnectionResetError):
            return "end"
        if isinstance(packet, int):
            return packet
        return json.loads(packet[2:])[0] if packet.startswith("42") else packet[:2]


class Healthy(SocketIO):
    """Somebody who does nothing wrong, and must not notice those who do."""

    def __init__(self, desk):
        super().__init__(desk)
        self.token = desk.customer.token

    def works(self):
        self.say(f'42["authorize",{{"token":"{self.token}"}}]')
        told = []
        while '42["authorized"' not in "".join(map(str, told)):
            told.append(self.packet())
            if told[-1] == "2":
                self.say("3")
        return True


@pytest.fixture(scope="module")
def healthy(desk):
    with Healthy(desk) as client:
        yield client
        assert client.works()


@pytest.fixture(autouse=True)
def nobody_else_notices(desk, healthy):
    before = resident_mib(desk.martlet.pid)
    assert healthy.works()
    yield
    assert healthy.works() and desk.anonymous.get("/health").status == 200
    with Healthy(desk) as newcomer:
        assert newcomer.works()
    assert resident_mib(desk.martlet.pid) - before < 32


def table(rows):
    return pytest.mark.parametrize("sent, expected", [row[1:] for row in rows], ids=[row[0] for row in rows])


def text(content):
    return frame(1, content.encode())


TOO_LONG = 1_000_001
PLACE = '451-["a",{"_placeholder":true,"num":%s}]'

# Sent before the client is in the namespace. Socket.IO ends a session that breaks it with a plain close; the codes are WebSocket's.
OUTSIDE = [
    ("nothing", text(""), 1000),
    ("no packet", text("abc"), 1000),
    ("a packet that is none", text("7"), 1000),
    ("a ping, which is the server's", text("2"), 1000),
    ("an opening, which is the server's", text("0{}"), 1000),
    ("an upgrade without a probe", text("5"), 1000),
    ("a probe on a session", text("2probe"), 1000),
    ("a message of nothing", text("4"), 1000),
    ("a kind that is none", text("49"), 1000),
    ("an event from outside", text('42["authorize",{}]'), 1000),
    ("an answer from outside", text("431[]"), 1000),
    ("a leaving from outside", text("41"), 1000),
    ("half an auth", text('40{"token":'), 1000),
    ("an auth that is a list", text("40[]"), 1000),
    ("an auth that is a word", text('40"x"'), 1000),
    ("an auth that is deep", text("40" + '{"a":' * 500 + "1" + "}" * 500), 1000),
    ("two auths", text("40{}{}"), 1000),
    ("a namespace that is none", text("40/admin,"), "44"),
    ("a namespace without an end", text("40/" + "x" * 10_000), 1000),
    ("a refusal, which is the server's", text('44{"message":"no"}'), 1000),
    ("bytes that nobody announced", frame(2, b"\x04"), 1000),
    ("text that is none", frame(1, b"\xff\xfe"), 1007),
    ("a frame without a mask", frame(1, b"40", masked=False), 1002),
    ("a bit that nobody agreed upon", frame(1, b"40", reserved=4), 1002),
    ("a length that is a threat", frame(1, b"", length=2**62), 1009),
    ("a kind of frame that is none", frame(3, b"40"), 1002),
    ("a piece of nothing", frame(0, b"40"), 1002),
    ("a ping in pieces", frame(9, b"", final=False), 1002),
    ("a ping that is too long", frame(9, b"x" * 126), 1002),
    ("a close with a code that is none", frame(8, b"\x00\x01"), 1002),
    ("a message that is too long", frame(1, b"4" + b"x" * TOO_LONG), 1009),
]

INSIDE = [
    ("no event", text("42"), 1000),
    ("an event that is an object", text("42{}"), 1000),
    ("an event without a name", text("42[]"), 1000),
    ("an event with null for a name", text("42[null]"), 1000),
    ("an event with a number for a name", text("42[1]"), "error"),
    ("half an event", text('42["authorize"'), 1000),
    ("an event and more", text('42["authorize"]x'), 1000),
    ("an event that there is not", text('42["drop"]'), "error"),
    ("an event of the protocol's", text('42["connect"]'), 1000),
    ("another of the protocol's", text('42["disconnect"]'), 1000),
    ("an event of another namespace", text('42/admin,["authorize"]'), 1000),
    ("authorize without a token", text('42["authorize"]'), "error"),
    ("authorize with null", text('42["authorize",null]'), "error"),
    ("a token that is a number", text('42["authorize",{"token":1}]'), "error"),
    ("a token that is none", text('42["authorize",{"token":"x"}]'), "error"),
    ("a long token", text('42["authorize",{"token":"' + "x" * 10_000 + '"}]'), "error"),
    ("a huge token", text('42["authorize",{"token":"' + "x" * 100_000 + '"}]'), 1009),
    ("a NUL in a token", text('42["authorize",{"token":"\\u0000"}]'), "error"),
    ("half a surrogate", text('42["authorize","\\ud800"]'), 1000),
    ("no number", text('42["authorize",NaN]'), 1000),
    ("a number beyond numbers", text('42["authorize",1e999]'), 1000),
    ("an id beyond numbers", text("42" + "9" * 40 + '["authorize"]'), 1000),
    ("what is deep", text('42["authorize",' + "[" * 500 + "]" * 500 + "]"), 1000),
    ("a second entry", text("40"), 1000),
    ("an answer that is no list", text("431{}"), 1000),
    ("bytes without a count", text('45-["authorize"]'), 1000),
    ("a count beyond all", text('4599999999-["authorize"]'), 1000),
    ("bytes that nobody announced", frame(2, b"x"), 1000),
    ("text in place of bytes", text(PLACE % 0) + text('42["a"]'), 1000),
    ("a place beyond the bytes", text(PLACE % 7) + frame(2, b"x"), 1000),
    ("a place before them", text(PLACE % -1) + frame(2, b"x"), 1000),
    ("too long in pieces", frame(1, b"4" + b"x" * 600_000, final=False) + frame(0, b"x" * 600_000), 1009),
]


class TestSocketIO:
    @table(OUTSIDE)
    def test_before_the_namespace(self, desk, sent, expected):
        with SocketIO(desk, enters=False) as client:
            client.socket.sendall(sent)
            assert client.answer() == expected

    @table(INSIDE)
    def test_in_the_namespace(self, desk, sent, expected):
        with SocketIO(desk) as client:
            client.socket.sendall(sent)
            assert client.answer() == expected
            if expected == "error":
                # An error is told, and the session goes on.
                client.socket.sendall(frame(9, b"still there?"))
                assert client.frame() == (10, b"still there?")

    @pytest.mark.parametrize("token", ['"x"', "1", "null", "[]"])
    def test_a_bad_token_at_the_entry_keeps_nobody_out_and_lets_nobody_hear(self, desk, token):
        with SocketIO(desk, enters=False) as client:
            client.say(f'40{{"token":{token}}}')
            assert client.answer() == "40"
            if token == '"x"':
                assert client.answer() == "error"
            desk.comment(desk.ticket(), desk.agent)
            client.socket.sendall(frame(9, b"nothing more?"))
            assert client.frame() == (10, b"nothing more?")

    def test_one_that_is_cut_within_a_frame(self, desk):
        for _ in range(20):
            with SocketIO(desk) as client:
                client.socket.sendall(frame(1, b'42["auth', length=40))


# Method, what is added to the query of long polling, and the code of Engine.IO's error.
REQUESTS = [
    ("no query", "GET", "/socket.io/", 0),
    ("an older protocol", "GET", "/socket.io/?EIO=3&transport=polling", 5),
    ("a protocol below all", "GET", "/socket.io/?EIO=-4&transport=polling", 5),
    ("no transport", "GET", "/socket.io/?EIO=4", 0),
    ("a transport that is none", "GET", "/socket.io/?EIO=4&transport=pigeon", 0),
    ("a WebSocket without an upgrade", "GET", SOCKET, 3),
    ("a session that is none", "GET", POLLING + "&sid=nobody", 1),
    ("words for a session that is none", "POST", POLLING + "&sid=nobody", 1),
    ("words for no session", "POST", POLLING, 2),
    ("a method that is none of its", "DELETE", POLLING, 2),
    ("another", "PUT", POLLING, 2),
    ("a session of a long name", "GET", POLLING + "&sid=" + "x" * 4000, 1),
    ("a session that is a path", "GET", POLLING + "&sid=..%2F..%2Fetc", 1),
    ("a session of a NUL", "GET", POLLING + "&sid=%00", 1),
    ("a session that is no text", "GET", POLLING + "&sid=%ff", 3),
]

BODIES = [
    ("nothing", b""), ("no packet", b"abc"), ("a packet that is none", b"7"), ("a ping, which is the server's", b"2"),
    ("an opening, which is the server's", b"0{}"), ("an upgrade", b"5"), ("a message of nothing", b"4"), ("a kind that is none", b"49"),
    ("an empty packet", b"\x1e"), ("an empty packet at the end", b"40\x1e"), ("an empty packet between", b"40\x1e\x1e40"),
    ("nothing but separators", b"\x1e" * 16_000), ("an empty one behind many", b"40\x1e" + b"3\x1e" * 8000), ("text that is none", b"\xff\xfe"),
    ("bytes that are none", b"b!!!"), ("bytes with a rest", b"bAQI"), ("an event from outside", b'42["authorize"]'),
    ("an event before the entry stands", b'40\x1e42["authorize"]'), ("half an auth", b"40{"), ("a refusal, which is the server's", b"44{}"),
]


class TestLongPolling:
    @pytest.mark.parametrize("method, path, code", [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS])
    def test_requests(self, desk, method, path, code):
        answer = desk.anonymous.request(method, path, None if method == "GET" else b"4")
        assert (answer.status, answer.json["code"]) == (400, code)

    @staticmethod
    def opened(desk):
        return POLLING + "&sid=" + json.loads(desk.anonymous.get(POLLING).body[1:])["sid"]

    @pytest.mark.parametrize("body", [row[1] for row in BODIES], ids=[row[0] for row in BODIES])
    def test_bodies_end_their_session(self, desk, body):
        path = self.opened(desk)
        answer = desk.anonymous.post(path, body)
        assert (answer.status, answer.json["code"]) == (400, 3)
        answer = desk.anonymous.get(path)
        assert (answer.status, answer.json["code"]) == (400, 1)

    def test_a_body_that_is_too_long_is_refused(self, desk):
        for length in (2_000_000, 16 * 1024 + 1):
            assert desk.anonymous.post(self.opened(desk), b"4" * length).status == 413


CHAT = [
    ("nothing", text(""), "BAD_REQUEST"),
    ("no JSON", text("hello"), "BAD_REQUEST"),
    ("half a JSON", text('{"content":'), "BAD_REQUEST"),
    ("two JSONs", text('{"content":"a"}{}'), "BAD_REQUEST"),
    ("an array", text('["a"]'), "BAD_REQUEST"),
    ("null", text("null"), "BAD_REQUEST"),
    ("no content", text("{}"), "BAD_REQUEST"),
    ("a content of nothing", text('{"content":""}'), "BAD_REQUEST"),
    ("a content that is a number", text('{"content":1}'), "BAD_REQUEST"),
    ("a content of null", text('{"content":null}'), "BAD_REQUEST"),
    ("a content that is too long", text(json.dumps({"content": "x" * 65_537})), "BAD_REQUEST"),
    ("a content twice", text('{"content":"a","content":""}'), "BAD_REQUEST"),
    ("another's ticket", text('{"content":"a","ticket_id":"999999"}'), "BAD_REQUEST"),
    ("a ticket that is an object", text('{"content":"a","ticket_id":{}}'), "BAD_REQUEST"),
    ("a NUL", text('{"content":"\\u0000"}'), "BAD_REQUEST"),
    ("half a surrogate", text('{"content":"\\ud800"}'), "BAD_REQUEST"),
    ("what is deep", text('{"content":' + "[" * 200 + "]" * 200 + "}"), "BAD_REQUEST"),
    ("bytes", frame(2, b'{"content":"a"}'), "BAD_REQUEST"),
    ("text that is none", frame(1, b"\xff\xfe"), 1007),
    ("a frame without a mask", frame(1, b"{}", masked=False), 1002),
    ("a bit that nobody agreed upon", frame(1, b"{}", reserved=4), 1002),
    ("a length that is a threat", frame(1, b"", length=2**62), 1009),
    ("a message that is too long", frame(1, b" " * 1_100_000), 1009),
    ("a kind of frame that is none", frame(3, b"{}"), 1002),
    ("a piece of nothing", frame(0, b"{}"), 1002),
    ("a ping that is too long", frame(9, b"x" * 126), 1002),
]


class TestChat:
    @table(CHAT)
    def test_frames(self, desk, sent, expected):
        ticket = desk.ticket()
        with RawSocket(desk.martlet, desk.customer.token, f"/ws/tickets/{ticket['id']}") as chat:
            chat.socket.sendall(sent)
            assert chat.answer() == expected
            if isinstance(expected, str):
                # An error is told, and the talk goes on; what was refused was not said.
                chat.socket.sendall(text('{"content":"Hello?"}'))
                assert json.loads(chat.frame()[1])["content"] == "Hello?"
                assert desk.customer.get(f"/tickets/{ticket['id']}").json["comment_count"] == 1
