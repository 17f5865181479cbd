"""Numbers, times and ids that no client should send, in every place where the document says that a client may send something. A number that
an addition makes too large ends a process; so after each of them the desk is still the same process, and none was answered with 5xx.

What is asked follows from `/openapi.json`: a new route, field or frame is in it by itself."""

import base64
import hashlib
import hmac
import http.client
import json
import struct
import urllib.parse
import uuid

import pytest

from desks import ENGINES, Client, running_desk
from schemas import operations, put
from signing import b64, hs256
from streams import RawSocket, frame
from test_hostile import SocketIO

# Thousands of questions, which take a minute on a machine that does nothing else.
LONG = 600
SECRET = "what-another-backend-and-the-desk-share"

INT64 = 2**63
WHOLE = [
    0, 1, -1, 255, 2**31 - 1, 2**31, 2**32, 2**53 - 2, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, INT64 - 2, INT64 - 1, INT64, -INT64, -INT64 - 1,
    2**64 - 1, 2**64, 2**128 - 1, 10**30]
NUMBERS = [str(number) for number in WHOLE] + [
    "1e400", "-1e400", "1e30", "9007199254740993.0", "9.223372036854775807e18", "1e-400", "0.5", "-0", "1" * 4000]
# No numbers, though some readers take them for some.
NEARLY = ["00", "007", "+1", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "nan", "inf", "", " ", "1 ", "1;", "٣", "１２"]
TIMES = [
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "-001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-23:59", "10000-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "2023-02-29T00:00:00Z",
    "1969-12-31T23:59:59.999Z", f"2030-01-01T00:00:00.{'9' * 500}Z", "2030-01-01T24:00:00Z", "2030-01-01T00:00:00+99:99"]
IDS = [str(uuid.UUID(int=number)) for number in (0, 1, 2**128 - 1, 0xFFFFFFFFFFFF << 80 | 7 << 76 | 2 << 62, INT64, INT64 - 1)]
# Numbers and times in the language of searches.
SEARCHES = ["created:>9999-12-31", "updated:<0001-01-01", "created:0001-01-01..9999-12-31", "created:9999-12-31T23:59:59.999Z", f"#{INT64}"]
TEXTS = NUMBERS + NEARLY + TIMES + IDS
# Those that have ended a process, or come near it: for what takes long to ask, and for the second engine.
FEW = [str(number) for number in (0, -1, 2**53, INT64 - 1, INT64, -INT64, 2**64, 10**30)] + ["1e400", TIMES[1], TIMES[4], IDS[2]]
FEW_NUMBERS = [text for text in FEW if text in NUMBERS]

# To send one of these by its right value ends what the other questions need: the sign-in that they are asked with.
ENDS_SIGN_IN = {("DELETE", "/me/sessions"), ("POST", "/auth/logout"), ("POST", "/api/v1/auth/logout")}


class Desk:
    """A desk of these tests' own, with something of everything on it, and who asks it."""

    def __init__(self, desk):
        self.desk, self.martlet = desk, desk.martlet
        self.ticket = desk.ticket(priority="high", tags=["one"])
        self.comment = desk.comment(self.ticket)
        article = desk.agent.post("/knowledge-base", {
            "title": "Fire", "content": "Water.", "category": "Burning", "tags": ["fire"], "is_published": True})
        assert article.status == 201, article.body
        self.samples = {
            "ticket": self.ticket["id"], "comment": self.comment["id"], "article": article.json["id"], "user": desk.customer.id,
            "version": "1", "name": "ticket_created"}
        is_first = desk.engine == ENGINES[0]
        self.texts, self.numbers = (TEXTS, NUMBERS) if is_first else (FEW, FEW_NUMBERS)

    def ask(self, client, operation, path, body=None, **fields):
        """The answer's status. An answer without an end is left at its head."""
        what = f"{operation} {path[:300]} {fields} {body if body is None else body[:300]}"
        try:
            status = self.begin(client, path, fields) if operation.gives_stream else client.request(operation.method, path, body, **fields).status
        except (OSError, http.client.HTTPException) as fault:
            raise AssertionError(f"no answer ({fault!r}; the process: {self.martlet.process.poll()}) to {what}") from fault
        assert status < 500, f"{status} for {what}"
        return status

    def begin(self, client, path, fields):
        connection = http.client.HTTPConnection(self.martlet.host, self.martlet.port, timeout=20)
        try:
            connection.request("GET", path, headers={
                "authorization": f"Bearer {client.token}"} | {name.replace("_", "-"): value for name, value in fields.items()})
            return connection.getresponse().status
        finally:
            connection.close()

    def must_be_the_same(self):
        assert self.martlet.process.poll() is None
        assert self.martlet.get("/health").status == 200


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"numbers-{request.param}")
    with running_desk(request.param, folder, DELEGATED_JWT_SECRET=SECRET, IDLE_TIMEOUT_MS=600_000) as desk:
        yield Desk(desk)


@pytest.fixture(scope="module")
def routes(desk):
    return operations(desk.desk.anonymous.get("/openapi.json").json)


def quoted(text):
    return urllib.parse.quote(text, safe="")


@pytest.mark.timeout(LONG)
def test_in_every_path(desk, routes):
    asked = 0
    for operation in routes:
        for name in [one["name"] for one in operation.parameters if one["in"] == "path"]:
            for text in desk.texts:
                if text and len(text) < 1000:
                    desk.ask(desk.desk.admin, operation, operation.path(desk.samples | {name: quoted(text)}))
                    asked += 1
    desk.must_be_the_same()
    assert asked > 50 * len(FEW)


@pytest.mark.timeout(LONG)
def test_in_every_query(desk, routes):
    asked = 0
    for operation in routes:
        if operation.method != "GET":
            continue
        path = operation.path(desk.samples)
        names = [one["name"] for one in operation.parameters if one["in"] == "query"]
        demanded = {one["name"]: "x" for one in operation.parameters if one["in"] == "query" and one.get("required")}
        for name in names:
            for text in desk.texts + (SEARCHES if name in ("q", "query") else []):
                query = urllib.parse.urlencode(demanded | {name: text})
                desk.ask(desk.desk.admin, operation, f"{path}?{query}")
                asked += 1
        # What customers are given is asked for in another way.
        for name in set(names) & {"after", "cursor", "limit", "offset", "created_after", "updated_after", "skip"}:
            for text in desk.texts:
                desk.ask(desk.desk.customer, operation, f"{path}?{urllib.parse.urlencode(demanded | {name: text})}")
    desk.must_be_the_same()
    assert asked > 80 * len(FEW)


@pytest.mark.timeout(LONG)
def test_in_every_field_of_every_body(desk, routes):
    asked = 0
    for operation in routes:
        if operation.body is None or (operation.method, operation.pattern) in ENDS_SIGN_IN:
            continue
        path, sample = operation.path(desk.samples), operation.sample(operation.body)
        for place in dict.fromkeys(operation.fields(operation.body)):
            # Where a password is hashed each question takes as long as a sign-in.
            is_slow = isinstance(sample, dict) and any("password" in name for name in sample)
            for body in bodies(operation, sample, place, FEW if is_slow else desk.texts):
                desk.ask(desk.desk.admin, operation, path, body, content_type=operation.media)
                asked += 1
    desk.must_be_the_same()
    assert asked > 80 * len(FEW)


def bodies(operation, sample, place, texts):
    """The sample with each number, time and id at that place: as a number where it is one, and as a text."""
    if operation.media == "application/x-www-form-urlencoded":
        for text in texts:
            yield urllib.parse.urlencode(put(sample, place, text)).encode()
        return
    if operation.media != "application/json":
        return
    whole = put(sample, place, "THE PLACE")
    if whole is None:
        return
    text = json.dumps(whole)
    quoted = [text for text in texts if text in FEW or text in TIMES or text in IDS or text in NEARLY[:6]]
    for raw in [text for text in texts if text in NUMBERS] + [json.dumps(text) for text in quoted] + ["1" * 100_000]:
        yield text.replace('"THE PLACE"', raw).encode()


@pytest.mark.timeout(LONG)
def test_in_every_header(desk, routes):
    named = ["range", "if_range", "if_match", "if_none_match", "if_modified_since", "last_event_id", "idempotency_key", "x_request_id", "x_forwarded_for",
             "x_forwarded_proto", "forwarded", "sec_websocket_version", "accept_encoding", "content_type"]
    for operation in routes:
        if (operation.method, operation.pattern) in ENDS_SIGN_IN or operation.method == "DELETE":
            continue
        path = operation.path(desk.samples)
        declared = [one["name"].replace("-", "_").lower() for one in operation.parameters if one["in"] == "header"]
        for name in dict.fromkeys(named + declared):
            every = desk.numbers if name in declared or name == "last_event_id" else [str(INT64 - 1), str(-INT64), "1e400", str(10**30)]
            for number in every:
                desk.ask(desk.desk.admin, operation, path, **{name: headed(name, number)})
    desk.must_be_the_same()


def headed(name, number):
    return {"range": f"bytes={number}-{number}", "if_match": f'"{number}-s"', "if_none_match": f'"{number}-s"', "forwarded": f"for={number}"}.get(
        name, number)


def test_lengths_that_no_body_has(desk):
    for number in NUMBERS + NEARLY:
        for head in (f"content-length: {number}", f"content-length: {number}\r\ncontent-length: {number}"):
            with desk.martlet.connect() as connection:
                connection.sendall(f"POST /tickets HTTP/1.1\r\nhost: martlet\r\nauthorization: Bearer {desk.desk.agent.token}\r\n{head}\r\n\r\n".encode("utf-8"))
                connection.shutdown(1)
                assert not connection.recv(65536).startswith(b"HTTP/1.1 5"), head
    for size in ("7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "fffffffffffffffff", "0" * 5000, "-1", "0x1"):
        with desk.martlet.connect() as connection:
            connection.sendall(
                f"POST /tickets HTTP/1.1\r\nhost: martlet\r\nauthorization: Bearer {desk.desk.agent.token}\r\n"
                f"transfer-encoding: chunked\r\n\r\n{size}\r\nx".encode())
            connection.shutdown(1)
            assert not connection.recv(65536).startswith(b"HTTP/1.1 5"), size
    desk.must_be_the_same()


def test_ranges_of_a_file(desk):
    client, boundary = desk.desk.agent, "b"
    form = f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\nten bytes.\r\n--{boundary}--\r\n'
    made = client.post("/attachments", form, content_type=f"multipart/form-data; boundary={boundary}")
    assert made.status == 201, made.body
    path = f"/attachments/{made.json['id']}"
    for left in NUMBERS + [""]:
        for right in (left, "", "0", str(INT64 - 1), str(INT64)):
            assert client.get(path, range=f"bytes={left}-{right}").status in (200, 206, 416), (left, right)
    desk.must_be_the_same()


class TestTokens:
    """Claims of a backend that the desk trusts: it may say when they end in any number that it likes."""

    @pytest.mark.parametrize("claim", ["exp", "iat", "nbf", "id"])
    def test_times_and_ids_in_claims(self, desk, claim):
        for raw in NUMBERS + [json.dumps(text) for text in NEARLY + TIMES] + ["null", "true", "[]", "{}"]:
            claims = json.dumps({"id": "u-1", "username": "Ulla", "email": "ulla@example.com", "role": "CUSTOMER", claim: "THE PLACE"})
            payload = claims.replace('"THE PLACE"', raw)
            signed = f'{b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())}.{b64(payload.encode())}'
            token = f"{signed}.{b64(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest())}"
            # The second time it is known; a stream looks at when it ends.
            for path in ("/me", "/me", "/tickets"):
                assert Client(desk.martlet, token).get(path).status in (200, 401), raw
            assert Client(desk.martlet, token).begins("/events/stream") in (200, 401), raw
        desk.must_be_the_same()

    def test_a_good_one_is_good(self, desk):
        assert Client(desk.martlet, hs256({"id": "u-2", "username": "Udo", "role": "CUSTOMER"}, SECRET)).get("/me").status == 200


class TestFrames:
    def test_of_the_desks_socket(self, desk, routes):
        operation = next(one for one in routes if one.pattern == "/ws")
        said = operation.item["x-messages"]["client"]
        kinds = operation.whole(said)["properties"]["type"]["enum"]
        assert "resume" in kinds
        for kind in kinds:
            with RawSocket(desk.martlet, desk.desk.agent.token) as socket:
                for place in dict.fromkeys(operation.fields(said)):
                    whole = {"type": kind, "ticket": desk.ticket["id"], "after": 1} | ({"token": desk.desk.agent.token} if kind == "authorize" else {})
                    whole = put(whole, place, ["THE PLACE"] if place == ("tickets",) else "THE PLACE") if place[-1] != 0 else whole | {"tickets": ["THE PLACE"]}
                    for raw in desk.numbers + [json.dumps(text) for text in FEW]:
                        socket.socket.sendall(frame(1, json.dumps(whole).replace('"THE PLACE"', raw).encode()))
                        self.still_there(socket)
        desk.must_be_the_same()

    def still_there(self, socket):
        """A ping is answered, behind whatever the frame before was answered with."""
        socket.socket.sendall(frame(9, b"still?"))
        while True:
            opcode, content = socket.frame()
            if opcode == 10:
                return
            assert opcode == 1, (opcode, content)

    def test_of_the_chat(self, desk):
        with RawSocket(desk.martlet, desk.desk.agent.token, path=f"/ws/tickets/{desk.ticket['id']}") as socket:
            for raw in NUMBERS + [json.dumps(text) for text in TEXTS]:
                for name in ("content", "ticket_id", "after"):
                    body = json.dumps({"content": "", name: "THE PLACE"})
                    socket.socket.sendall(frame(1, body.replace('"THE PLACE"', raw).encode()))
                    self.still_there(socket)
        desk.must_be_the_same()

    def test_of_socket_io(self, desk):
        packets = [f"{head}{number}{tail}" for number in NUMBERS + NEARLY[:6] for head, tail in (
            ("42", '["authorize",{"token":"x"}]'), ("45", '-["x",{"_placeholder":true,"num":0}]'), ("451-", '["x",{"_placeholder":true,"num":1}]'),
            ("43", "[]"), ("4", ""), ("", ""))]
        packets += [f'451-["x",{{"_placeholder":true,"num":{number}}}]' for number in NUMBERS]
        packets += [f'42["authorize",{{"token":{number}}}]' for number in NUMBERS]
        for packet in packets:
            try:
                with SocketIO(desk.desk) as socket:
                    socket.say(packet)
                    socket.socket.sendall(frame(2, b"x"))
            except (EOFError, ConnectionError):
                pass
        desk.must_be_the_same()

    def test_lengths_of_frames(self, desk):
        for length in (2**63 - 1, 2**63, 2**64 - 1, 2**53, 2**31):
            with RawSocket(desk.martlet, desk.desk.agent.token) as socket:
                socket.socket.sendall(b"\x81\xff" + struct.pack("!Q", length) + b"\0\0\0\0x")
                opcode, _ = socket.frame()
                assert opcode == 8, length
        desk.must_be_the_same()


class TestCursors:
    LISTS = ["/tickets?limit=1", "/tickets?limit=1&sort=number", "/tickets?limit=1&sort=priority", "/events?limit=1", "/users?limit=1",
             "/users?limit=1&q=a", "/tickets/{ticket}/comments?limit=1", "/tickets/{ticket}/history?limit=1", "/knowledge-base?limit=1",
             "/search/tickets?query=burns&limit=1", "/search/articles?query=water&limit=1", "/notifications?limit=1"]

    def test_a_changed_one_is_none(self, desk):
        seen = 0
        desk.desk.comment(desk.ticket, desk.desk.agent)
        for pattern in self.LISTS:
            path = pattern.replace("{ticket}", desk.ticket["id"])
            cursor = desk.desk.agent.get(path).json["next"]
            if cursor is None:
                continue
            seen += 1
            assert desk.desk.agent.get(f"{path}&cursor={cursor}").status == 200, path
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            for at in range(len(raw)):
                changed = raw[:at] + bytes([raw[at] ^ 0x41]) + raw[at + 1:]
                assert desk.desk.agent.get(f"{path}&cursor={b64(changed)}").status == 400, (path, at)
        assert seen >= 7
        desk.must_be_the_same()

    def test_one_that_is_made_without_the_desks_secret_is_none(self, desk):
        # What a cursor was before it was signed: a place, and a digest that everybody can make.
        page = '"limit":20,"offset":0,"count":false'
        asked = {"/events": f'{{"after":0,"types":[],{page}}}', "/tickets/my": f"{{{page}}}"}
        for path, question in asked.items():
            for key in (INT64 - 1, INT64 - 2, -INT64, 2**53, -1, 0):
                place = struct.pack(">qQQ", key, INT64, INT64 - 1)
                for digest in (hashlib.sha256(place + question.encode() + path.encode()).digest()[:8], b"\0" * 8, b"\0" * 32):
                    assert desk.desk.agent.get(f"{path}?cursor={b64(place + digest)}").status == 400, (path, key)
        desk.must_be_the_same()
