"""HTTP itself, where a client says something unusual: what RFC 9110, 9112 and 6455 want of a server."""

import base64
import json
import os

import pytest

from desks import refused

HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))


def raw(martlet, request):
    """The answer's head and body to bytes as they are; read until the server ends the connection."""
    with martlet.connect() as socket:
        socket.sendall(request)
        answer = b""
        while piece := socket.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.decode(), body


class TestWhatBeginsNoRequest:
    @pytest.mark.parametrize("bytes_", [
        HELLO, b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00", b"\xff\xfb\x01", b"\r", b" GET / HTTP/1.1", b"{\"a\":1}", b"GET\x00", b"GET \x00",
        b"*1\r\n$4\r\nPING", "é".encode(), b"GET (",
    ], ids=repr)
    def test_it_is_answered_at_once(self, start, bytes_):
        # Nothing ends the connection before the client does but the answer.
        martlet = start(HEADER_TIMEOUT_MS=3_600_000)
        head, body = raw(martlet, bytes_)
        assert head.startswith("HTTP/1.1 400 ") and "connection: close" in head
        assert json.loads(body)["error"] == "BAD_REQUEST"

    def test_what_may_become_one_is_waited_for(self, start):
        martlet = start()
        with martlet.connect() as socket:
            for piece in (b"G", b"E", b"T", b" ", b"/", b"health", b" HTTP/1.1\r", b"\nHost: a\r\nConnection: close\r\n\r", b"\n"):
                socket.sendall(piece)
            assert socket.recv(100).startswith(b"HTTP/1.1 200 ")


class TestVersions:
    @pytest.mark.parametrize("version", ["1.2", "1.9"])
    def test_a_newer_minor_one_is_served_as_ours(self, server, version):
        head, _ = raw(server, f"GET /health HTTP/{version}\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        assert head.startswith("HTTP/1.1 200 ")

    @pytest.mark.parametrize("version", ["2.0", "3.0", "0.9"])
    def test_another_major_one_is_not_supported(self, server, version):
        head, body = raw(server, f"GET /health HTTP/{version}\r\nHost: a\r\n\r\n".encode())
        assert head.startswith("HTTP/1.1 505 ") and json.loads(body)["error"] == "HTTP_VERSION_NOT_SUPPORTED"

    @pytest.mark.parametrize("version", ["1.10", "11 ", "1,1", "1.x", "x.1", "2"])
    def test_what_is_none_is_malformed(self, server, version):
        assert raw(server, f"GET /health HTTP/{version}\r\nHost: a\r\n\r\n".encode())[0].startswith("HTTP/1.1 400 ")


def test_an_unknown_expectation_fails(server):
    head, body = raw(server, b"POST /auth/login HTTP/1.1\r\nHost: a\r\nExpect: a-wonder\r\nContent-Length: 2\r\n\r\n{}")
    assert head.startswith("HTTP/1.1 417 ") and json.loads(body)["error"] == "EXPECTATION_FAILED"


class TestHandshakes:
    def shake(self, desk, *fields, upgrade="websocket", key=True):
        lines = ["GET /ws HTTP/1.1", "Host: a", "Connection: upgrade", f"Authorization: Bearer {desk.agent.token}", *fields]
        if upgrade:
            lines.append(f"Upgrade: {upgrade}")
        if key:
            lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        with desk.martlet.connect() as socket:
            socket.sendall("\r\n".join([*lines, "", ""]).encode())
            return int(socket.recv(4096).split(b" ", 2)[1])

    @pytest.mark.parametrize("upgrade", ["websocket", "h2c, websocket", "WebSocket ,h2c", "h2c,,websocket"])
    def test_any_list_with_websocket_in_it_asks_for_that(self, desk, upgrade):
        assert self.shake(desk, upgrade=upgrade) == 101

    def test_in_a_second_field_too(self, desk):
        assert self.shake(desk, "Upgrade: h2c") == 101

    @pytest.mark.parametrize("upgrade", ["h2c", "websockets", "h2c, web socket"])
    def test_a_list_without_it_does_not(self, desk, upgrade):
        assert self.shake(desk, upgrade=upgrade) == 426

    @pytest.mark.parametrize("field", ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + base64.b64encode(bytes(16)).decode()])
    def test_key_and_version_come_once(self, desk, field):
        assert self.shake(desk, field) == 400


class TestTypes:
    BODY = json.dumps({"title": "Printer on fire", "description": "It burns."})

    @pytest.mark.parametrize("type_", [
        "application/json; charset=utf-16", "application/json;charset=\"latin-1\"", "application/json; a=b; Charset = utf-16le", "text/plain",
    ])
    def test_another_encoding_is_refused(self, desk, type_):
        refused(desk.customer.post("/tickets", self.BODY, content_type=type_), 415, "UNSUPPORTED_MEDIA_TYPE")

    @pytest.mark.parametrize("type_", ["application/json; charset=utf-8", "application/json; charset=\"UTF-8\"", "application/json;a=b", None])
    def test_ours_is_taken_and_so_is_a_body_without_a_type(self, desk, type_):
        fields = {"content_type": type_} if type_ else {}
        assert desk.customer.post("/tickets", self.BODY, **fields).status == 201


class TestConditions:
    @pytest.fixture(params=["ticket", "file", "page"])
    def thing(self, desk, request):
        """An address with a tag, and somebody who reads it."""
        if request.param == "page":
            made = desk.agent.post("/knowledge-base", {"title": "Fire", "content": "Run.", "category": "Safety", "tags": [], "is_published": True})
            return desk.anonymous, f"/help/articles/{made.json['slug']}"
        if request.param == "ticket":
            return desk.customer, f"/tickets/{desk.ticket()['id']}"
        form = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n"
        made = desk.customer.post("/attachments", form, content_type="multipart/form-data; boundary=b")
        return desk.customer, f"/attachments/{made.json['id']}"

    def test_a_state_that_is_no_more_is_not_given(self, thing):
        client, path = thing
        tag = client.get(path)["etag"]
        assert client.get(path, if_match="\"other\"").status == 412
        assert client.get(path, if_match="\"other\", \"one more\"").status == 412
        assert client.get(path, if_match=f"W/{tag}x").status == 412
        for good in (tag, "*", f"\"other\", {tag}"):
            assert client.get(path, if_match=good).status == 200
        assert client.get(path, if_match=tag, if_none_match=tag).status == 304
        assert client.head(path, if_match="\"other\"").status == 412

    def test_views_of_one_revision_are_one_state(self, desk):
        ticket = desk.ticket()
        path = f"/tickets/{ticket['id']}"
        assert desk.agent.get(path, if_match=desk.customer.get(path)["etag"]).status == 200


class TestCaches:
    """What depends on who asks is for nobody else to be given from a cache."""

    def fields(self, answer, name):
        return [value for key, value in answer.fields if key.lower() == name]

    def test_every_json_that_does_says_so(self, desk):
        document = desk.anonymous.get("/openapi.json").json
        ids = {"ticket": desk.ticket()["id"], "user": desk.customer.id, "article": "nothing", "name": "nothing"}
        seen = 0
        for path, item in document["paths"].items():
            if "get" not in item or not item["get"]["security"] or path.startswith(("/socket.io", "/events/stream", "/ws", "/metrics")):
                continue
            for name in [part["name"] for part in item.get("parameters", [])]:
                path = path.replace("{" + name + "}", ids.get(name, "0"))
            for client in (desk.agent, desk.anonymous):
                answer = client.get(path)
                if not (answer["content-type"] or "").startswith("application/json"):
                    continue
                seen += 1
                caching = self.fields(answer, "cache-control")
                assert len(caching) == 1 and ("private" in caching[0] or "no-store" in caching[0]), (path, answer.status, caching)
                assert "authorization" in ", ".join(self.fields(answer, "vary")), (path, answer.status)
        assert seen > 60

    def test_what_was_not_changed_says_so_too(self, desk):
        path = f"/tickets/{desk.ticket()['id']}"
        answer = desk.customer.get(path, if_none_match=desk.customer.get(path)["etag"])
        assert (answer.status, self.fields(answer, "cache-control"), self.fields(answer, "vary")) == (304, ["private"], ["authorization"])

    def test_what_is_everybodys_may_be_kept(self, desk):
        for path in ("/health", "/docs", "/openapi.json"):
            answer = desk.anonymous.get(path)
            assert "private" not in self.fields(answer, "cache-control") and "authorization" not in self.fields(answer, "vary")

    @pytest.mark.parametrize("path, body", [
        ("/auth/login", {"email": "alice", "password": "alice123"}), ("/login", {"email": "alice", "password": "alice123"}),
        ("/api/v1/auth/login", {"email": "alice", "password": "alice123"}),
    ])
    def test_a_token_is_kept_nowhere(self, desk, path, body):
        answer = desk.anonymous.post(path, body)
        assert answer.status == 200 and self.fields(answer, "cache-control") == ["no-store"]
