"""The samples in Deploy/, before two nodes: nginx and HAProxy, as Debian has them."""

import contextlib
import http.client
import json
import shutil
import socket
import subprocess
import threading
import types

import pytest

from desks import Client
from martlet import ROOT, die_with_parent
from nodes import Socket, Stream, two_nodes, wait_until
from test_events import end, read

# What nginx wants beside a server's own part, so that it can run as anybody and anywhere.
NGINX = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Proxy:
    """Looks like a server to a client. Its configuration is the sample with this machine's addresses in it."""

    def __init__(self, kind, folder, nodes):
        self.program = shutil.which(kind) or shutil.which(kind, path="/usr/sbin")
        if not self.program:
            pytest.skip(f"{kind} is not installed: Scripts/test.sh installs it from Debian when it can")
        folder.mkdir()
        self.host, self.port = "127.0.0.1", self.free_port()
        command = self.nginx(folder, nodes) if kind == "nginx" else self.haproxy(folder, nodes)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent)
        wait_until(self.answers, f"{kind}: {self.process.poll()}")

    @staticmethod
    def free_port():
        with socket.create_server(("127.0.0.1", 0)) as found:
            return found.getsockname()[1]

    def sample(self, name, nodes, listen, mine):
        text = (ROOT / "Deploy" / name).read_text()
        for old, new in ((listen, mine), ("10.0.0.11:3000", f"127.0.0.1:{nodes.one.port}"), ("10.0.0.12:3000", f"127.0.0.1:{nodes.two.port}")):
            assert text.count(old) == 1, f"{old} stands {text.count(old)} times in Deploy/{name}"
            text = text.replace(old, new)
        return text

    def nginx(self, folder, nodes):
        (folder / "site.conf").write_text(self.sample("nginx.conf", nodes, "    listen 80;", f"    listen 127.0.0.1:{self.port};"))
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, user="user root;" if folder.owner() == "root" else ""))
        return [self.program, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]

    def haproxy(self, folder, nodes):
        (folder / "haproxy.cfg").write_text(self.sample("haproxy.cfg", nodes, "    bind :80", f"    bind 127.0.0.1:{self.port}"))
        return [self.program, "-db", "-f", folder / "haproxy.cfg"]

    def answers(self):
        assert self.process.poll() is None, self.process.stdout.read()
        with contextlib.suppress(OSError):
            return Client(self).get("/health").status == 200

    def close(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(params=["nginx", "haproxy"])
def house(request, tmp_path):
    """Two nodes and a proxy before them."""
    with two_nodes(tmp_path, TRUSTED_PROXIES="127.0.0.1") as nodes:
        with contextlib.closing(Proxy(request.param, tmp_path / "proxy", nodes)) as nodes.proxy:
            yield nodes


def through(house, client):
    return Client(house.proxy, client.token)


def requests(node, route):
    with node.said:
        return [line for line in node.lines if line["message"] == "request" and line["route"] == route]


def test_requests_reach_both_nodes_and_a_cookie_keeps_a_client_at_one(house):
    agent = through(house, house.desk.agent)
    for _ in range(40):
        agent.close()
        answer = agent.get("/me")
        assert answer.status == 200
    wait_until(lambda: all(requests(node, "/me") for node in (house.one, house.two)), "requests at both nodes")
    wait_until(lambda: sum(len(requests(node, "/me")) for node in (house.one, house.two)) == 40, "forty")
    cookie = answer["set-cookie"].split(";")[0]
    assert cookie.startswith("martlet_node=") and "HttpOnly" in answer["set-cookie"]
    for _ in range(20):
        agent.close()
        answer = agent.get("/tickets/my", cookie=cookie)
        assert answer.status == 200 and answer["set-cookie"] is None
    wait_until(lambda: sorted(len(requests(node, "/tickets/my")) for node in (house.one, house.two)) == [0, 20], "all at one node")


def test_events_come_at_once_by_stream_and_by_socket(house):
    desk = house.desk
    desk.tell_nobody()
    ticket = desk.ticket()
    before = end(desk)
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(contextlib.closing(Stream(through(house, desk.agent), f"/events/stream?after={before}"))) for _ in range(4)]
        sockets = [stack.enter_context(contextlib.closing(Socket(through(house, desk.customer), ticket))) for _ in range(4)]
        for number in range(10):
            desk.comment(ticket, through(house, desk.agent), content=f"Line {number}")
            last = read(desk.agent, after=before)[-1]["seq"]
            # Each is there before the next is written: nothing waits in a buffer to be filled.
            for reader in streams + sockets:
                wait_until(lambda: reader.seqs[-1:] == [last], last)
        written = [event["seq"] for event in read(desk.agent, after=before)]
        assert all([seq for seq in reader.seqs if seq > before] == written for reader in streams + sockets)


def test_the_client_is_the_proxys_and_not_who_it_claims_to_be(house):
    assert through(house, house.desk.agent).get("/me/sessions", x_forwarded_for="203.0.113.9").status == 200
    wait_until(lambda: requests(house.one, "/me/sessions") + requests(house.two, "/me/sessions"), "the request's line")
    assert [line["address"] for line in requests(house.one, "/me/sessions") + requests(house.two, "/me/sessions")] == ["127.0.0.1"]
    assert Client(house.proxy).get("/metrics").status == 404


class FakeNode:
    """Reads each request's head and hangs up, or answers it. Notes the request lines."""

    def __init__(self, answers):
        self.answers, self.heard = answers, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=self.server.accept()[:1], daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            line = head.split(b"\r\n", 1)[0].decode()
            if "/health" not in line:
                self.heard.append(line)
            if self.answers or "/health" in line:
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")

    def close(self):
        # Also ends the wait for the next one; without that the system would let one more in.
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()


@contextlib.contextmanager
def fakes(kind, folder, *answers):
    """Two nodes of ours that only hear, and a proxy before them."""
    with contextlib.ExitStack() as stack:
        one, two = (stack.enter_context(contextlib.closing(FakeNode(each))) for each in answers)
        nodes = types.SimpleNamespace(one=one, two=two)
        nodes.proxy = stack.enter_context(contextlib.closing(Proxy(kind, folder / "proxy", nodes)))
        yield nodes


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "PATCH"])
def test_a_change_that_may_have_reached_a_node_is_not_repeated(kind, method, tmp_path):
    with fakes(kind, tmp_path, False, False) as nodes:
        answer = Client(nodes.proxy).request(method, "/tickets/1", {} if method != "DELETE" else None)
        assert answer.status in (502, 503)
        assert nodes.one.heard + nodes.two.heard == [f"{method} /tickets/1 HTTP/1.1"]


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_a_change_that_could_not_be_sent_goes_to_the_other_node(kind, tmp_path):
    with fakes(kind, tmp_path, True, True) as nodes:
        nodes.one.close()
        for method in ("PUT", "DELETE", "POST", "PATCH", "GET") * 3:
            client = Client(nodes.proxy)
            assert client.request(method, "/tickets/1").status == 200
            client.close()


def test_what_nginx_finds_too_large_is_told_in_json(tmp_path):
    with fakes("nginx", tmp_path, True, True) as nodes:
        with socket.create_connection((nodes.proxy.host, nodes.proxy.port), timeout=10) as connection:
            connection.sendall(b"POST /attachments HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n")
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert (answer.status, answer.getheader("content-type")) == (413, "application/json")
            said = json.loads(answer.read())
            assert said["error"] == "PAYLOAD_TOO_LARGE" and said["request_id"] == answer.getheader("x-request-id")


def test_when_a_node_stops_the_other_takes_its_clients(house):
    agent = through(house, house.desk.agent)
    house.one.stop()
    for _ in range(20):
        agent.close()
        assert agent.get("/me").status == 200
