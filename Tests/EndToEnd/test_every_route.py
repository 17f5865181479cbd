"""What holds for every route, asked of every route that the document tells of."""

import gzip
import json
import re
import uuid

import pytest

from desks import Client

# They speak as other servers did, and ignore what they do not know.
DIALECTS = {
    "/register", "/login", "/create", "/reply", "/tickets/{user}/open", "/tickets/{user}/resolved",
    "/api/v1/auth/signup", "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/logout", "/ws/tickets/{ticket}",
    "/api/v1/users/tickets", "/api/v1/users/tickets/{ticket}",
    "/api/v1/csr/tickets", "/api/v1/csr/tickets/{ticket}", "/api/v1/csr/tickets/{ticket}/assign",
    "/api/v1/tickets", "/api/v1/tickets/{ticket}", "/api/v1/tickets/{ticket}/messages"}

# They see what else is asked for once it is a socket that is asked for.
SOCKETS = {"/ws", "/ws/tickets/{ticket}"}

# They have no end, so they are asked elsewhere: see test_streams.py and test_live_sockets.py.
ENDLESS = {"/events/stream", "/socket.io"}

# Pages behind links that we mail: people's faults are shown on them, and what else stands in a link is nobody's.
PAGES = {"/setup", "/reset", "/verify", "/help", "/help/search", "/help/{category}", "/help/articles/{slug}", "/help/articles/{slug}/vote"}


@pytest.fixture(scope="module")
def routes(desk):
    """Method, path with something in the place of each name, pattern, and whether the route looks at credentials."""
    paths = desk.anonymous.get("/openapi.json").json["paths"]
    return [
        (method.upper(), re.sub(r"{\w+}", str(uuid.uuid4()), pattern), pattern, bool(operation["security"]))
        for pattern, item in paths.items() for method, operation in item.items() if method != "parameters" and pattern not in ENDLESS]


def test_a_slash_at_the_end_is_the_same_route(desk, routes):
    for method, path, _, _ in routes:
        plain, slashed = desk.anonymous.request(method, path), desk.anonymous.request(method, path + "/")
        assert (slashed.status, slashed["location"]) == (plain.status, plain["location"]), (method, path)


def test_a_bad_credential_is_refused_where_credentials_count(desk, routes):
    for method, path, pattern, is_guarded in routes:
        answer = desk.anonymous.request(method, path, authorization="Bearer bad")
        if is_guarded:
            assert (answer.status, answer["www-authenticate"], answer.json["error"]) == (401, "Bearer", "UNAUTHORIZED"), (method, pattern)
        else:
            assert answer.status == desk.anonymous.request(method, path).status, (method, pattern)


def test_a_parameter_that_is_none_is_refused_and_dialects_ignore_it(desk, routes):
    for method, path, pattern, is_guarded in routes:
        answer = desk.admin.request(method, path + "?no_such_parameter=1")
        if pattern in PAGES:
            assert answer.status < 500 and answer["content-type"] == "text/html; charset=utf-8", (method, pattern)
        elif pattern in SOCKETS:
            assert (answer.status, answer["upgrade"]) == (426, "websocket"), (method, pattern)
        elif pattern in DIALECTS:
            faults = answer.json.get("errors", []) if answer.status >= 400 else []
            assert "no_such_parameter" not in [fault["location"] for fault in faults], (method, pattern)
        elif is_guarded and pattern not in ("/metrics", "/ws"):
            assert answer.status == 400, (method, pattern, answer.status)
            assert "no_such_parameter" in [fault["location"] for fault in answer.json["errors"]], (method, pattern)


def test_options_tells_what_there_is_and_needs_nobody(desk, routes):
    methods = {}
    for method, path, pattern, _ in routes:
        methods.setdefault(pattern, (path, set()))[1].update({method, "HEAD"} if method == "GET" else {method})
    for pattern, (path, expected) in methods.items():
        answer = desk.anonymous.request(
            "OPTIONS", path, origin="https://app.example", access_control_request_method="PATCH", access_control_request_headers="if-match")
        assert (answer.status, answer.body) == (204, b""), pattern
        assert set(answer["allow"].split(", ")) == expected | {"OPTIONS"}, pattern
        assert answer["access-control-allow-methods"] == answer["allow"] and answer["access-control-allow-headers"] == "if-match"
        assert answer["access-control-allow-origin"] == "*" and answer["access-control-allow-credentials"] is None


def test_head_is_get_without_a_body(desk, routes):
    for method, path, pattern, _ in routes:
        if method == "GET":
            get, head = desk.admin.get(path), desk.admin.head(path)
            assert (head.status, head.body, head["content-type"]) == (get.status, b"", get["content-type"]), pattern


def test_every_refusal_has_the_one_shape(desk, routes):
    for method, path, pattern, _ in routes:
        for client in (desk.anonymous, desk.customer):
            answer = client.request(method, path + "?no_such_parameter=1", b"{", content_type="application/json", content_encoding="br")
            assert answer["x-request-id"] and answer.status < 500
            if pattern in PAGES:
                assert answer["content-type"] == "text/html; charset=utf-8", (method, pattern)
            elif answer.status >= 400:
                assert {"error", "message", "request_id"} <= set(answer.json) <= {"error", "message", "request_id", "errors"}, (method, pattern)
                assert answer.json["request_id"] == answer["x-request-id"]
                assert answer["content-type"] == "application/json"


class TestWhatComesBeforeARoute:
    """Heads that are too much, or none. The connection ends, since nobody knows where the next request would begin."""

    @pytest.mark.parametrize(
        "head, status, error",
        [
            (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n", 414, "URI_TOO_LONG"),
            (b"GET /health HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 17_000 + b"\r\n", 431, "HEADERS_TOO_LARGE"),
            (b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X-Many: 1\r\n" * 100, 431, "HEADERS_TOO_LARGE"),
            (b"GET /health HTTP/1.1\r\n", 400, "BAD_REQUEST"),
            (b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400, "BAD_REQUEST"),
            (b"GET /health HTTP/1.1\r\nHost: x\r\nBroken : 1\r\n", 400, "BAD_REQUEST"),
        ])
    def test_it_is_refused_and_the_connection_ends(self, desk, head, status, error):
        with desk.martlet.connect() as connection:
            connection.sendall(head + b"\r\n")
            received = b""
            while piece := connection.recv(65536):
                received += piece
        start, _, body = received.partition(b"\r\n\r\n")
        assert start.startswith(f"HTTP/1.1 {status} ".encode()) and b"connection: close" in start.lower()
        assert json.loads(body)["error"] == error and json.loads(body)["request_id"]

    def test_as_many_fields_as_there_may_be(self, desk):
        with desk.martlet.connect() as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + b"X-Many: 1\r\n" * 98 + b"\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_json_may_be_deep_and_not_deeper(desk):
    for depth, kind in ((63, "extra_forbidden"), (64, None)):
        body = '{"x":' + "[" * depth + "]" * depth + "}"
        answer = desk.customer.post("/tickets", body, content_type="application/json")
        assert answer.status == 400
        assert ("extra_forbidden" in [fault["type"] for fault in answer.json["errors"]]) == (kind is not None), depth


def test_large_answers_are_packed_for_who_asks(desk):
    ticket = desk.ticket(description="It burns. " * 300)
    path = f"/tickets/{ticket['id']}"
    plain, packed = desk.customer.get(path), desk.customer.get(path, accept_encoding="gzip")
    assert plain["content-encoding"] is None and packed["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body)
    assert desk.customer.get("/health", accept_encoding="gzip")["content-encoding"] is None


class TestOrigins:
    def test_none_but_its_own_may_read_unless_told(self, start):
        martlet = start(AUTH_RATE_LIMIT=0)
        answer = martlet.get("/health", origin="http://127.0.0.1:5501")
        assert answer["access-control-allow-origin"] is None
        preflight = martlet.request("OPTIONS", "/tickets", origin="http://127.0.0.1:5501", access_control_request_method="POST")
        assert preflight["access-control-allow-origin"] is preflight["access-control-allow-methods"] is None

    def test_those_that_are_listed_may(self, start):
        martlet = start(CORS_ORIGIN="http://127.0.0.1:5501, https://app.example")
        for origin in ("http://127.0.0.1:5501", "https://app.example"):
            answer = martlet.get("/health", origin=origin)
            assert answer["access-control-allow-origin"] == origin and "origin" in answer["vary"]
            assert "ETag" in answer["access-control-expose-headers"] and answer["access-control-allow-credentials"] is None
            # A refusal too, or a page could not tell why.
            assert martlet.get("/tickets", origin=origin)["access-control-allow-origin"] == origin
        for origin in ("http://127.0.0.1:5502", "https://app.example.evil", "null"):
            assert martlet.get("/health", origin=origin)["access-control-allow-origin"] is None


@pytest.fixture(scope="module")
def reader(desk):
    """Somebody with tickets of their own, the newest first."""
    reader = desk.register("Rita", "Reader")
    priorities = ["low", "medium", "high", "urgent"]
    reader.tickets = [desk.ticket(desk.admin, title=f"{n}", requester={"id": reader.id}, priority=priorities[n % 4]) for n in range(25)][::-1]
    return reader


class TestLists:
    def pages(self, client, path):
        """What the pages hold from one `Link` to the next."""
        while path:
            answer = client.get(path)
            assert answer.status == 200, answer.body
            yield answer.json["items"]
            link = answer["link"]
            assert (link is None) == (answer.json["next"] is None)
            path = link and re.fullmatch(r'<(.*)>; rel="next"', link)[1]
            assert path is None or f"cursor={answer.json['next']}" in path

    def test_twenty_and_the_newest_first(self, reader):
        page = reader.get("/tickets").json
        assert [ticket["id"] for ticket in page["items"]] == [ticket["id"] for ticket in reader.tickets[:20]]
        assert set(page) == {"items", "next"}

    @pytest.mark.parametrize("limit", [1, 7, 25, 100])
    def test_pages_hold_each_once(self, reader, limit):
        pages = list(self.pages(reader, f"/tickets?limit={limit}"))
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert [ticket["id"] for page in pages for ticket in page] == [ticket["id"] for ticket in reader.tickets]

    @pytest.mark.parametrize("sort, field", [("priority", "priority"), ("-priority", "priority"), ("number", "number"), ("updated_at", "updated_at")])
    def test_pages_in_other_orders_hold_each_once_too(self, reader, sort, field):
        found = [ticket for page in self.pages(reader, f"/tickets?limit=4&sort={sort}") for ticket in page]
        assert len({ticket["id"] for ticket in found}) == len(found) == 25
        rank = {"low": 0, "medium": 1, "high": 2, "urgent": 3}
        keys = [rank.get(ticket[field], ticket[field]) for ticket in found]
        assert keys == sorted(keys, reverse=sort.startswith("-"))

    def test_a_place_stays_while_rows_are_added(self, desk):
        reader = desk.register("Rosa", "Reader")
        old = [desk.ticket(reader, title=str(n))["id"] for n in range(6)][::-1]
        first = reader.get("/tickets?limit=3").json
        desk.ticket(reader, title="new")
        second = reader.get(f"/tickets?limit=3&cursor={first['next']}").json
        assert [ticket["id"] for ticket in first["items"] + second["items"]] == old

    def test_an_offset_works_too_and_a_count_when_asked(self, reader):
        page = reader.get("/tickets?limit=5&offset=10&count=true").json
        assert [ticket["id"] for ticket in page["items"]] == [ticket["id"] for ticket in reader.tickets[10:15]]
        assert page["total"] == 25
        assert reader.get("/tickets?offset=10000").json == {"items": [], "next": None}
        assert reader.get("/tickets?offset=10001").status == 400

    def test_after_means_after(self, reader):
        middle = reader.tickets[12]
        found = reader.get(f"/tickets?limit=100&created_after={middle['created_at']}").json["items"]
        assert [ticket["id"] for ticket in found] == [ticket["id"] for ticket in reader.tickets if ticket["created_at"] > middle["created_at"]]
        assert middle["id"] not in [ticket["id"] for ticket in found]

    def test_a_cursor_is_good_for_its_own_list(self, desk, reader):
        cursor = reader.get("/tickets?limit=3").json["next"]
        for path in ("/tickets?sort=number", "/tickets?status=open", "/tickets/my?limit=3"):
            answer = reader.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}")
            assert (answer.status, answer.json["errors"][0]["location"]) == (400, "cursor"), path
        spoiled = cursor[:5] + ("A" if cursor[5] != "A" else "B") + cursor[6:]
        assert reader.get(f"/tickets?limit=3&cursor={spoiled}").status == 400
        assert reader.get(f"/tickets?limit=3&offset=1&cursor={cursor}").status == 400
        # How many at a time is not part of what was asked.
        assert reader.get(f"/tickets?limit=9&cursor={cursor}").status == 200

    def test_comments_come_oldest_first(self, desk, reader):
        ticket = reader.tickets[0]
        ids = [desk.comment(ticket, reader, content=str(n))["id"] for n in range(5)]
        assert [comment["id"] for page in self.pages(reader, f"/tickets/{ticket['id']}/comments?limit=2") for comment in page] == ids
