"""What text costs, wherever it comes in: every route, parameter, field of a body, header field, part of a token and kind of frame, each with
texts that are made to cost much. They are found in the server's own description and in its sources, so that a new one is in here by itself."""

import base64
import hashlib
import hmac
import http.client
import json
import random
import re
import struct
import urllib.parse
import uuid

import pytest

from costs import FAMILIES, LINELESS, MOST_MS, Costs, LoopMeter
from desks import Client, running_desk, sign_in
from martlet import ROOT
from streams import RawSocket, frame

SECRET = "a-secret-of-the-tests-and-the-issuer"
# Where there are many places: one family of each kind of reader.
SOME = ["marks", "flags", "quotes", "escapes", "digits", "spaces", "commas"]

BODY, TARGET, FIELD, TOKEN_PART = 64 * 1024, 7500, 15_000, 5500


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """With one loop, whose thread is the process's first, and with all that reads text switched on."""
    settings = {"LOOPS": 1, "CORS_ORIGIN": "https://shop.example", "DELEGATED_JWT_SECRET": SECRET, "TRUSTED_PROXIES": "127.0.0.1"}
    with running_desk("sqlite", tmp_path_factory.mktemp("costs"), **settings) as desk:
        pid = desk.martlet.pid
        desk.meter = LoopMeter(desk.martlet)
        yield desk
        assert desk.martlet.pid == pid and desk.martlet.get("/health").status == 200


@pytest.fixture(scope="module")
def operations(desk):
    """Method, path, and what the document says of each."""
    document = desk.anonymous.get("/openapi.json").json
    found = [
        Operation(document, method.upper(), path, item.get("parameters", []) + operation.get("parameters", []), operation)
        for path, item in document["paths"].items() for method, operation in item.items() if method != "parameters"]
    assert len(found) > 100
    return found


def within(desk, costs, most=MOST_MS):
    """Fails with all that cost too much."""
    dear = {place: round(cost) for place, cost in costs.items() if cost > most}
    assert costs and not dear, f"over {most} ms of the loop: {dear}"
    assert desk.martlet.process.poll() is None


# What the document says


class Operation:
    def __init__(self, document, method, path, parameters, description):
        self.document, self.method, self.path, self.description = document, method, path, description
        parameters = [self.resolved(parameter) for parameter in parameters]
        self.queries = {
            parameter["name"]: parameter["schema"].get("maxLength", TARGET) for parameter in parameters if parameter["in"] == "query"}
        content = self.resolved(description.get("requestBody", {})).get("content", {})
        self.type, self.schema = next(((name, body["schema"]) for name, body in content.items()), (None, None))

    def resolved(self, part):
        while "$ref" in part:
            part = self.look_up(part["$ref"])
        return part

    def look_up(self, reference):
        part = self.document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]
        return part

    def target(self, fill=None):
        return re.sub(r"{\w+}", lambda _: str(uuid.uuid4()) if fill is None else urllib.parse.quote(fill, safe=""), self.path)

    @property
    def takes_path(self):
        return "{" in self.path

    def places(self, schema=None, depth=0):
        """Where in a body of this schema a text may stand: for each a function that makes a body with it there."""
        schema = self.resolved(self.schema if schema is None else schema)
        yield "", lambda text: text
        for branch in schema.get("anyOf", []) + schema.get("oneOf", []):
            if depth < 4:
                yield from self.places(branch, depth + 1)
        if schema.get("type") == "array" and depth < 4:
            for name, make in self.places(schema["items"], depth + 1):
                yield f"[]{name}", lambda text, make=make: [make(text)]
        for field, kind in schema.get("properties", {}).items():
            if depth < 4 and not self.resolved(kind).get("readOnly"):
                for name, make in self.places(kind, depth + 1):
                    yield f".{field}{name}", lambda text, field=field, make=make: {field: make(text)}
        if "additionalProperties" in schema or schema.get("type") == "object":
            yield ".*", lambda text: {text: 1}

    def plausible(self, make, schema=None, depth=0):
        """A body of this schema whose texts are as long as they may be, so that it is not only read but used."""
        schema = self.resolved(self.schema if schema is None else schema)
        if "enum" in schema:
            return schema["enum"][0]
        for branch in schema.get("anyOf", []) + schema.get("oneOf", []):
            if self.resolved(branch).get("type") != "null":
                return self.plausible(make, branch, depth)
        match schema.get("type"):
            case "string" if schema.get("format") == "uuid":
                return str(uuid.uuid4())
            case "string" if "format" in schema:
                return "2030-01-01T00:00:00Z"
            case "string":
                return make(min(schema.get("maxLength", BODY), BODY))[:schema.get("maxLength", BODY)]
            case "integer" | "number":
                return max(schema.get("minimum", 1), 1)
            case "boolean":
                return False
            case "array":
                return [self.plausible(make, schema["items"], depth + 1)] if depth < 4 else []
            case "object":
                required = schema.get("required", [])
                return {
                    name: self.address(name) or self.plausible(make, kind, depth + 1)
                    for name, kind in schema.get("properties", {}).items()
                    if depth < 4 and not self.resolved(kind).get("readOnly") and (name in required or depth < 2)}
        return make(1000)

    @staticmethod
    def address(name):
        return f"{uuid.uuid4().hex}@example.com" if name == "email" else None


class Asker:
    """Asks as the admin, signs in again when that was the end of a session, and never minds what is answered."""

    def __init__(self, desk):
        self.desk, self.client = desk, Client(desk.martlet, desk.admin.token)

    def ask(self, method, target, body=None, **fields):
        try:
            answer = self.client.request(method, target, body, **fields)
        except (http.client.HTTPException, OSError):
            return None
        if answer.status == 401:
            self.client.close()
            self.client = Client(self.desk.martlet, sign_in(self.desk.martlet, "carol", "carol123")["access_token"])
        assert answer.status < 500 or answer.status == 503, (method, target[:80], answer.status, answer.body[:200])
        return answer

    def begin(self, method, target, **fields):
        """Asks for what may have no end, and looks at the beginning of the answer alone."""
        connection = http.client.HTTPConnection(self.desk.martlet.host, self.desk.martlet.port, timeout=20)
        try:
            connection.request(method, target, headers={"authorization": f"Bearer {self.client.token}"} | fields)
            connection.getresponse()
        except (http.client.HTTPException, OSError):
            pass
        finally:
            connection.close()


@pytest.fixture(scope="module")
def asker(desk):
    return Asker(desk)


def encoded(text, size):
    """Percent-encoded, and cut to what a target may be long."""
    return re.sub(r"%[0-9A-F]?$", "", urllib.parse.quote(text, safe="")[:size])


# Routes. The parameters come first, as long as no page holds the texts that the bodies bring.


@pytest.mark.parametrize("family", SOME)
def test_every_parameter_of_every_route(desk, operations, asker, family):
    costs = Costs()
    text = encoded(LINELESS[family](TARGET), TARGET)
    for operation in operations:
        targets = {f"?{name}": f"{operation.target()}?{name}={text}" for name in operation.queries}
        # As long as it may be, it is not only read but used.
        for name, longest in operation.queries.items():
            targets[f"?{name}, fitting"] = f"{operation.target()}?{name}={encoded(LINELESS[family](TARGET)[:longest], TARGET)}"
        if operation.takes_path:
            targets["path"] = re.sub(r"{\w+}", text[:TARGET // operation.path.count("{")].rstrip("%"), operation.path)
        if family == "marks":
            targets["name"] = f"{operation.target()}?{text}=1"
        for place, target in targets.items():
            costs[operation.method, operation.path, place] = desk.meter.least(lambda: asker.begin(operation.method, target))
    assert len(costs) > 50
    within(desk, costs)


def test_every_place_of_every_body(desk, operations, asker):
    costs = Costs()
    for operation in operations:
        if operation.schema is None or operation.type == "multipart/form-data":
            continue
        for place, make in operation.places():
            text = FAMILIES["marks"](BODY)
            if operation.type == "application/json":
                bodies = {"raw": json.dumps(make(text), ensure_ascii=False), "escaped": json.dumps(make(text[:BODY // 6]))}
            elif place.count(".") == 1:
                name, value = next(iter(make(text).items()))
                bodies = {"form": urllib.parse.urlencode({name: value})[:BODY - BODY % 6]}
            else:
                continue
            for spelling, body in bodies.items():
                def act():
                    asker.ask(operation.method, operation.target(), body.encode(), content_type=operation.type)
                costs[operation.method, operation.path, place, spelling] = desk.meter.least(act)
    assert len(costs) > 300
    within(desk, costs)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_body_as_full_as_it_may_be(desk, operations, asker, family):
    costs = Costs()
    for operation in operations:
        if operation.schema is None or operation.type == "multipart/form-data":
            continue
        body = operation.plausible(FAMILIES[family])
        if operation.type == "application/json":
            body = json.dumps(body, ensure_ascii=False)
        elif operation.type == "application/x-www-form-urlencoded":
            body = urllib.parse.urlencode(body)
        def act():
            asker.ask(operation.method, operation.target(), body.encode(), content_type=operation.type)
        costs[operation.method, operation.path] = desk.meter.least(act)
    # Here the text is taken, kept and answered: in a debug build that alone takes as long as a release takes for ten such.
    within(desk, costs, most=3 * MOST_MS)


def header_names():
    """Every header field that the server reads anywhere: those that its parser knows, and those that are asked for by name."""
    known = re.findall(r'case \.\w+: "([a-z-]+)"', (ROOT / "Sources/Codec/HTTP/RequestHead.swift").read_text())
    asked = [
        name for folder in ("HTTP", "API") for file in (ROOT / f"Sources/{folder}").rglob("*.swift")
        for name in re.findall(r'(?:self|request)\["([a-z-]+)"\]|: \[StaticString\] = \["(sec-purpose)"', file.read_text()) for name in name if name]
    found = sorted({*known, *asked} - {"content-length", "transfer-encoding", "authorization"})
    assert {"if-match", "accept", "range", "user-agent", "if-range", "sec-websocket-extensions", "cookie"} <= set(found)
    return found


@pytest.fixture(scope="module")
def readers(desk, asker):
    """Routes that between them read every header field, and what goes along."""
    boundary = "b" * 8
    form = f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--{boundary}--\r\n'
    multipart = {"content_type": f"multipart/form-data; boundary={boundary}"}
    file = asker.ask("POST", "/attachments", form.encode(), **multipart).json["id"]
    ticket = desk.ticket()["number"]
    article = asker.ask("POST", "/knowledge-base", {"title": "Toner", "content": "Shake it.", "category": "Printing", "is_published": True}).json
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec_websocket_version": "13", "sec_websocket_key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    return [
        ("GET", f"/tickets/{ticket}", None, {}), ("PATCH", f"/tickets/{ticket}", {"priority": "low"}, {}),
        ("POST", f"/tickets/{ticket}/comments", {"content": "Yes."}, {}), ("GET", f"/attachments/{file}", None, {"range": "bytes=0-1"}),
        ("POST", "/attachments", form.encode(), multipart), ("GET", "/events/stream", None, {}), ("GET", "/ws", None, upgrade),
        ("GET", f"/help/articles/{article['slug']}", None, {}), ("POST", f"/help/articles/{article['slug']}/vote", b"helpful=true",
                                                                {"content_type": "application/x-www-form-urlencoded"}),
        ("GET", f"/knowledge-base/{article['id']}", None, {}), ("OPTIONS", "/tickets", None, {"access_control_request_method": "GET"}),
        ("GET", "/socket.io/?EIO=4&transport=websocket", None, upgrade), ("GET", "/metrics", None, {}), ("GET", "/docs", None, {})]


@pytest.mark.parametrize("family", SOME)
def test_every_header_field(desk, asker, readers, family):
    costs = Costs()
    for name in header_names():
        text = LINELESS[family](FIELD)
        texts = {"alone": text, "in a list": f"a,{text},b"} if family == "spaces" else {"in a list": f"a,{text},b", "tag": f'"{text}"'}
        if family == "marks":
            # Behind a backslash each, they are apart until the string is unquoted.
            texts["quoted"] = 'x; y="' + "".join("\\" + mark for mark in text[1:][:FIELD // 4]) + '"'
        for spelling, text in texts.items():
            for method, target, body, fields in readers:
                head = {"authorization": f"Bearer {asker.client.token}"} | {key.replace("_", "-"): value for key, value in fields.items()}
                def act():
                    send(desk, method, target, body, head | {name: text.encode()})
                costs[name, spelling, method, target] = desk.meter.least(act)
    within(desk, costs)


def send(desk, method, target, body, fields):
    """Sends a request whose field values are bytes as they are, over a connection of its own, and waits for the head of the answer."""
    if isinstance(body, dict):
        body, fields = json.dumps(body).encode(), {"content-type": "application/json"} | fields
    fields = {"host": desk.martlet.host, "content-length": str(len(body or b""))} | fields
    head = b"".join(b"%s: %s\r\n" % (name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in fields.items())
    with desk.martlet.connect() as connection:
        connection.sendall(f"{method} {target} HTTP/1.1\r\n".encode() + head + b"\r\n" + (body or b""))
        connection.recv(65_536)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_part_of_a_form_with_files(desk, asker, family):
    costs = Costs()
    line = FAMILIES[family](7000).replace("\n", " ")
    quoted = line.replace("\\", "\\\\").replace('"', '\\"')
    heads = {
        "name": f'form-data; name="{quoted}"', "filename": f'form-data; name="file"; filename="{quoted}"',
        "another": f'form-data; name="file"; {encoded(line, 7000).replace("%", "a")}="b"',
        "extended": f"form-data; name=\"file\"; filename*=UTF-8''{encoded(line, 6999)}", "kind": quoted}
    lines = {"type": f"content-type: {line}", "coding": f"content-transfer-encoding: {line}", "other": f"x-other: {line}"}
    usual = 'content-disposition: form-data; name="file"; filename="a.txt"\r\n'
    parts = {place: f"content-disposition: {head}\r\n" for place, head in heads.items()}
    parts |= {place: f"{usual}{other}\r\n" for place, other in lines.items()}
    for place, head in parts.items():
        body = f"--b\r\n{head}\r\nhello\r\n--b--\r\n".encode()
        costs[place] = desk.meter.least(lambda: asker.ask("POST", "/attachments", body, content_type="multipart/form-data; boundary=b"))
    within(desk, costs)


# Tokens


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def signed(header, claims):
    text = b64(header) + b"." + b64(claims)
    return (text + b"." + b64(hmac.new(SECRET.encode(), text, hashlib.sha256).digest())).decode()


CLAIMS = ["id", "username", "email", "role", "iss", "aud", "sub", "exp", "iat", "nbf", "jti", "sid", "*"]
HEADER = ["alg", "typ", "kid", "crit", "*"]


def tokens(family):
    """A token with a costly text in each of its parts: raw, and with the escapes of JSON."""
    text = FAMILIES[family](TOKEN_PART)
    spellings = {"raw": json.dumps(text, ensure_ascii=False)}
    if family == "marks":
        spellings["escaped"] = json.dumps(text[:TOKEN_PART // 6])
        spellings["first escaped"] = '"\\u0061' + text[1:] + '"'
    good = {"alg": "HS256", "typ": "JWT"}, {"id": "7", "username": "ed", "email": "ed@example.com", "role": "CUSTOMER", "exp": 4_000_000_000}
    for spelling, value in spellings.items():
        for part, names in ((0, HEADER), (1, CLAIMS)):
            for name in names:
                parts = [json.dumps(each)[:-1] for each in good]
                if name == "*":
                    parts[part] += f", {value}: 1"
                else:
                    rest = {key: other for key, other in good[part].items() if key != name}
                    parts[part] = json.dumps(rest)[:-1] + f', "{name}": {value}'
                yield ("header", "claims")[part], name, spelling, signed(*[(each + "}").encode() for each in parts])
    fitting = FAMILIES[family](TOKEN_PART).encode()
    yield "signature", "", "", signed(b'{"alg":"HS256"}', b"{}") .rsplit(".", 1)[0] + "." + b64(fitting).decode()
    yield "nothing else", "", "", b64(fitting).decode()
    yield "dots", "", "", "." * TOKEN_PART
    yield "key", "", "", "mk_" + b64(fitting).decode()


@pytest.mark.parametrize("family", SOME)
def test_every_part_of_a_token_wherever_it_is_shown(desk, family):
    costs = Costs()
    for part, name, spelling, token in tokens(family):
        ways = {
            "header": lambda: send(desk, "GET", "/tickets", None, {"authorization": f"Bearer {token}"}),
            "bare": lambda: send(desk, "GET", "/api/v1/tickets", None, {"authorization": token}),
            "/ws?token": lambda: handshake(desk, f"/ws?token={token[:TARGET]}"),
            "chat?token": lambda: handshake(desk, f"/ws/tickets/1?token={token[:TARGET]}"),
            "/ws frame": lambda: talk(desk, "/ws", [json.dumps({"type": "authorize", "token": token[:8192]})])}
        for way, act in ways.items():
            costs[part, name, spelling, way] = desk.meter.least(act)
    within(desk, costs)


# Sockets


def handshake(desk, path):
    """Shakes hands, whatever comes of it."""
    send(desk, "GET", path, None, {
        "connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA=="})


def talk(desk, path, messages, token=None):
    """Says messages on a new socket, then a ping, and waits until that is answered or the socket is closed: all before was read then."""
    socket = RawSocket(desk.martlet, token, path, source=elsewhere())
    try:
        for message in messages:
            socket.socket.sendall(frame(1, message if isinstance(message, bytes) else message.encode()))
        socket.socket.sendall(frame(9, b"done"))
        while socket.frame()[0] not in (8, 10):
            pass
    except (EOFError, OSError, struct.error):
        pass
    finally:
        socket.socket.close()


def frames(operation, family):
    """A frame of every type, with a costly text in every field of it, and one that is that text."""
    schema = operation.resolved(operation.description["x-messages"]["client"])
    kinds = operation.resolved(schema["properties"].get("type", {})).get("enum", [None])
    for kind in kinds:
        for place, make in operation.places(schema):
            if family != "marks" and place.count(".") != 1:
                continue
            for spelling in ("raw", "escaped"):
                text = FAMILIES[family](15_000 if spelling == "raw" else 2_400)
                body = make(text)
                if isinstance(body, dict) and kind and "type" not in body:
                    body = {"type": kind} | body
                yield kind, place, spelling, json.dumps(body, ensure_ascii=spelling == "escaped")


@pytest.mark.parametrize("path", ["/ws", "/ws/tickets/{ticket}"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_frame_of_the_sockets(desk, operations, family, path):
    operation = next(operation for operation in operations if operation.path == path)
    place = path.replace("{ticket}", str(desk.ticket()["number"]))
    costs = Costs()
    for kind, field, spelling, message in frames(operation, family):
        for token in [desk.customer.token] + ([None] if path == "/ws" else []):
            costs[kind, field, spelling, token is None] = desk.meter.least(lambda: talk(desk, place, [message], token))
    within(desk, costs)


SOCKET = "/socket.io/?EIO=4&transport=websocket"
POLLING = "/socket.io/?EIO=4&transport=polling"


def packets(family):
    """A packet of every type of Engine.IO and Socket.IO, with a costly text wherever one may stand."""
    text = FAMILIES[family](BODY)
    spellings = {"raw": json.dumps(text, ensure_ascii=False)}
    if family == "marks":
        spellings["escaped"] = json.dumps(text[:BODY // 6])
    for digit in "012356":
        yield f"engine {digit}", digit + text
    for digit in "0123456":
        yield f"namespace of {digit}", f"4{digit}/{text},"
        yield f"short namespace of {digit}", f"4{digit}/{text[:60]},"
        attachments = "1-" if digit in "56" else ""
        for spelling, value in spellings.items():
            yield f"name in {digit}, {spelling}", f'4{digit}{attachments}{{{value}:1,"token":{value}}}'
            yield f"list in {digit}, {spelling}", f"4{digit}{attachments}7[{value},{{{value}:{value}}}]"
            yield f"event in {digit}, {spelling}", f'4{digit}{attachments}7["authorize",{{"token":{value}}},{value}]'
            yield f"error in {digit}, {spelling}", f"4{digit}{attachments}{value}"


@pytest.mark.parametrize("family", SOME)
def test_every_packet_of_socket_io(desk, family):
    costs = Costs()
    for place, packet in packets(family):
        costs[place] = desk.meter.least(lambda: talk(desk, SOCKET, ["40", packet]))
    for place, packet in packets(family):
        opened = send_whole(desk, "GET", POLLING)
        sid = json.loads(opened[opened.index(b"{"):opened.rindex(b"}") + 1])["sid"]
        # A poll's session ends with a packet that is none, so each has one of its own, and is tried once.
        costs["polling", place] = desk.meter.cost(lambda: send(desk, "POST", f"{POLLING}&sid={sid}", packet.encode(), {}))
    text = encoded(FAMILIES[family](TARGET).replace("\n", " "), TARGET)
    for name in ("EIO", "transport", "sid", "token", text):
        query = f"/socket.io/?{name}={text}" if name != text else f"/socket.io/?{text}=1"
        for rest in ("", "&EIO=4&transport=polling"):
            costs["query", name[:9], rest] = desk.meter.least(lambda: send(desk, "GET", query[:8000 - len(rest)] + rest, None, {}))
    within(desk, costs)


def elsewhere():
    """Another address of this machine each time: one address may have few sessions that showed no token."""
    return (f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}", 0)


def send_whole(desk, method, target):
    connection = http.client.HTTPConnection(desk.martlet.host, desk.martlet.port, timeout=20, source_address=elsewhere())
    try:
        connection.request(method, target)
        return connection.getresponse().read()
    finally:
        connection.close()
