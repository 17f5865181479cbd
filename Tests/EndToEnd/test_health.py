import time

import pytest

from martlet import TOKEN


def test_health_says_version_and_uptime(server):
    answer = server.get("/health")
    assert answer.status == 200
    assert sorted(answer.json) == ["status", "uptime", "version"]
    assert answer.json["status"] == "ok"
    assert 0 <= answer.json["uptime"] < 3600


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_a_running_server_is_alive_and_ready(server, path):
    answer = server.get(path)
    assert (answer.status, answer.json) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/docs", "/redoc", "/openapi.json", "/api/v1/openapi.json"])
@pytest.mark.parametrize("credential", ["Bearer bad", "Basic YTpi", "nonsense", ""])
def test_a_bad_credential_is_ignored(server, path, credential):
    assert server.get(path, authorization=credential).status == 200


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_other_methods_are_not_allowed(server, path):
    answer = server.request("POST", path)
    assert answer.status == 405
    assert answer["allow"] == "GET, HEAD, OPTIONS"
    assert answer.json["error"] == "METHOD_NOT_ALLOWED"


class TestStopping:
    """A head that is half sent keeps its connection while the server stops, so that there is somebody to ask."""

    @pytest.fixture
    def ask(self, start):
        martlet = start(METRICS_TOKEN=TOKEN)
        sockets = []

        def prepare(*fields):
            connection = martlet.connect()
            connection.sendall("\r\n".join(["GET /health/ready HTTP/1.1", "Host: localhost", *fields, ""]).encode())
            sockets.append(connection)
            return connection

        prepared = {
            "local": prepare(),
            "proxied": prepare("X-Forwarded-For: 127.0.0.1"),
            "token": prepare("X-Forwarded-For: 203.0.113.9", f"Authorization: Bearer {TOKEN}"),
            "bad token": prepare("X-Forwarded-For: 203.0.113.9", f"Authorization: Bearer {TOKEN}x"),
            "live": martlet.connect(),
        }
        prepared["live"].sendall(b"GET /health/live HTTP/1.1\r\nHost: martlet\r\n")
        sockets.append(prepared["live"])
        time.sleep(0.2)
        martlet.terminate()
        martlet.wait_for_line("stopping")
        time.sleep(0.2)

        def ask(name):
            prepared[name].sendall(b"\r\n")
            received = b""
            while piece := prepared[name].recv(65536):
                received += piece
            return received.decode()

        yield ask
        for connection in sockets:
            connection.close()

    def test_a_stopping_server_is_alive_and_not_ready_and_tells_only_operators_why(self, ask):
        assert ask("live").startswith("HTTP/1.1 200 OK\r\n")
        for name, is_told in [("local", True), ("proxied", False), ("token", True), ("bad token", False)]:
            answer = ask(name)
            assert answer.startswith("HTTP/1.1 503 Service Unavailable\r\n"), name
            assert "\r\nretry-after: 5\r\n" in answer
            assert '"error":"UNAVAILABLE"' in answer and '"request_id":"' in answer
            assert ('"reasons":["The server is stopping"]' in answer) == is_told, name
            assert ("stopping" in answer) == is_told, name
