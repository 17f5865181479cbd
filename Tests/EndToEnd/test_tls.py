"""The server with a certificate of its own: what is spoken there, and what is not."""

import socket
import ssl
import subprocess
import types
import warnings

import pytest

YEAR = "max-age=31536000"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", folder / "key.pem",
         "-out", folder / "chain.pem"], check=True, capture_output=True, timeout=60)
    return {"TLS_CERT": folder / "chain.pem", "TLS_KEY": folder / "key.pem"}


@pytest.fixture
def secure(start, certificate):
    """Starts one that speaks TLS. Gives where it listens."""
    def begin(**settings):
        martlet = start(**certificate, **settings)
        host, port = martlet.url.removeprefix("https://").rsplit(":", 1)
        return types.SimpleNamespace(address=(host, int(port)), martlet=martlet)
    return begin


def shake_hands(server, ciphers=None, version=ssl.TLSVersion.TLSv1_2):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    return context.wrap_socket(socket.create_connection(server.address, timeout=10))


def ask(connection, request=b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
    connection.sendall(request)
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer.split(b"\r\n\r\n")[0].decode().lower()


def test_only_what_keeps_past_sessions_secret_and_is_authenticated(secure):
    server = secure()
    for good in ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"):
        with shake_hands(server, good) as connection:
            assert connection.cipher()[0] == good
            assert ask(connection).startswith("http/1.1 200")
    for bad in ("AES128-SHA", "AES256-GCM-SHA384", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384",
                "ECDHE-RSA-AES128-SHA256"):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            shake_hands(server, bad).close()
    with shake_hands(server, version=ssl.TLSVersion.TLSv1_3) as connection:
        assert ask(connection).startswith("http/1.1 200")


@pytest.mark.parametrize("settings, is_told", [({}, True), ({"PUBLIC_URL": "https://desk.example"}, True), ({"PUBLIC_URL": "http://desk.example"}, False)])
def test_browsers_are_told_to_come_by_tls_alone(secure, settings, is_told):
    server = secure(**settings)
    for request in (b"GET /health", b"GET /nothing", b"GET /tickets", b"POST /auth/login", b"GET /docs"):
        with shake_hands(server) as connection:
            head = ask(connection, request + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert (f"strict-transport-security: {YEAR}" in head) == is_told, head


def test_behind_a_proxy_that_does_tls_they_are_told_by_the_public_address(start):
    for url, told in (("https://desk.example", YEAR), ("http://desk.example", None), ("", None)):
        assert start(PUBLIC_URL=url).get("/health")["strict-transport-security"] == told


def test_plain_http_gets_no_plain_answer(secure):
    server = secure()
    with socket.create_connection(server.address, timeout=10) as connection:
        assert ask(connection) == ""


def test_who_is_one_too_many_gets_no_plain_answer_either(secure):
    server = secure(MAX_CONNECTIONS=1)
    with shake_hands(server) as first:
        with socket.create_connection(server.address, timeout=10) as second:
            try:
                assert second.recv(100) == b""
            except ConnectionResetError:
                pass
        assert ask(first).startswith("http/1.1 200")
