"""Cursors of lists, and answers that would be longer than anybody should hold in memory. On both engines."""

import concurrent.futures
import json
import pathlib
import re
import socket

import pytest

from desks import ENGINES, Client, refused, running_desk

# The longest comment: 256 KiB.
LONGEST = "😀" * 65_536
MIB = 1024 * 1024


def whole(client, path):
    """The items of a list, page by page; and how many bytes each page had."""
    items, sizes, cursor = [], [], None
    for _ in range(1000):
        answer = client.get(path + (f"{'&' if '?' in path else '?'}cursor={cursor}" if cursor else ""))
        assert answer.status == 200, answer.body[:500]
        items += answer.json["items"]
        sizes.append(len(answer.body))
        cursor = answer.json["next"]
        if cursor is None:
            return items, sizes
    raise AssertionError("the list has no end")


class TestCursors:
    @pytest.fixture
    def ticket(self, desk):
        """With more comments, and a longer history, than one page has room for."""
        ticket = desk.ticket()
        for number in range(103):
            desk.comment(ticket, content=f"Comment {number}")
        return ticket

    def test_the_one_that_comes_with_a_ticket_goes_on_in_the_list(self, desk, ticket):
        client = desk.agent
        for name in (ticket["id"], str(ticket["number"]), ticket["id"].upper()):
            given = client.get(f"/tickets/{name}?include=comments,history").json
            for part in ("comments", "history"):
                assert len(given[part]["items"]) == 100 and given[part]["next"]
                for other in (ticket["id"], str(ticket["number"])):
                    for slash in ("", "/"):
                        rest = client.get(f"/tickets/{other}/{part}{slash}?limit=100&cursor={given[part]['next']}")
                        assert rest.status == 200, rest.body
                        everything, _ = whole(client, f"/tickets/{other}/{part}?limit=100")
                        assert given[part]["items"] + rest.json["items"] == everything

    def test_it_is_good_with_and_without_html(self, desk, ticket):
        path = f"/tickets/{ticket['number']}/comments"
        cursor = desk.customer.get(f"{path}?limit=2").json["next"]
        plain, rendered = (desk.customer.get(f"{path}?limit=2&cursor={cursor}{more}") for more in ("", "&include=html"))
        assert [one["id"] for one in plain.json["items"]] == [one["id"] for one in rendered.json["items"]]
        assert rendered.json["items"][0]["content_html"]

    def test_it_is_of_one_ticket_and_of_one_list(self, desk, ticket):
        other = desk.ticket()
        for number in range(3):
            desk.comment(other, content=f"Comment {number}")
        cursor = desk.customer.get(f"/tickets/{ticket['id']}/comments?limit=1").json["next"]
        for path in (f"/tickets/{other['id']}/comments", f"/tickets/{ticket['id']}/history", f"/tickets/{ticket['id']}/events", "/tickets", "/events"):
            answer = refused(desk.customer.get(f"{path}?limit=1&cursor={cursor}"), 400, "BAD_REQUEST")
            assert [fault["location"] for fault in answer.json["errors"]] == ["cursor"], path

    def test_those_of_a_person_and_of_an_article(self, desk):
        for _ in range(3):
            desk.ticket(desk.other)
        article = desk.agent.post("/knowledge-base", {"title": "Fire", "content": "Water.", "category": "x", "tags": [], "is_published": True}).json
        for number in range(3):
            assert desk.agent.patch(f"/knowledge-base/{article['id']}", {"content": f"Water {number}."}).status == 200
        mine = desk.agent.get(f"/users/{desk.other.id}/tickets?limit=1").json["next"]
        assert desk.agent.get(f"/users/{desk.other.id.upper()}/tickets/?limit=1&cursor={mine}").status == 200
        refused(desk.agent.get(f"/users/{desk.customer.id}/tickets?limit=1&cursor={mine}"), 400, "BAD_REQUEST")
        versions = desk.agent.get(f"/knowledge-base/{article['slug']}/versions?limit=1").json["next"]
        assert desk.agent.get(f"/knowledge-base/{article['id']}/versions?limit=1&cursor={versions}").status == 200

    def test_the_first_page_of_a_search_of_everything_goes_on_in_each(self, desk):
        word = f"burns{desk.engine}"
        for _ in range(3):
            desk.ticket(title=word)
        found = desk.agent.get(f"/search/global?query={word}&limit=1").json["tickets"]
        assert len(desk.agent.get(f"/search/tickets?query={word}&limit=5&cursor={found['next']}").json["items"]) == 2

    def test_nodes_of_one_desk_take_each_others(self, start_on_url):
        settings = {"DEMO": "on", "JWT_SECRET": "what-both-nodes-share-for-tests"}
        nodes = [start_on_url(**settings), start_on_url(**settings)]
        token = Client(nodes[0]).post("/auth/login", {"email": "bob", "password": "bob123"}).json["access_token"]
        first, second = (Client(node, token) for node in nodes)
        cursor = first.get("/tickets?limit=1").json["next"]
        answer = second.get(f"/tickets?limit=1&cursor={cursor}")
        assert answer.status == 200 and answer.json == first.get(f"/tickets?limit=1&cursor={cursor}").json


@pytest.fixture(scope="class", params=ENGINES)
def long_desk(request, tmp_path_factory):
    """A desk with a ticket that was much written on: 40 comments of 256 KiB, and with 20 tickets as long."""
    with running_desk(request.param, tmp_path_factory.mktemp(f"long-{request.param}"), IDLE_TIMEOUT_MS=600_000) as desk:
        desk.written = desk.ticket(title="Written on")
        desk.comments = [desk.comment(desk.written, content=LONGEST)["id"] for _ in range(40)]
        desk.opened = [desk.ticket(desk.other, description=LONGEST)["id"] for _ in range(20)]
        yield desk


def resident_mib(desk):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{desk.martlet.pid}/status").read_text())[1]) / 1024


def unchunked(body):
    whole, rest = b"", body
    while True:
        size, _, rest = rest.partition(b"\r\n")
        if int(size, 16) == 0:
            return whole
        whole, rest = whole + rest[:int(size, 16)], rest[int(size, 16) + 2:]


class SlowReader:
    """Asks, and takes what it is given when it is told to."""

    def __init__(self, client, path):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(60)
        self.socket.connect((client.martlet.host, client.martlet.port))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nhost: martlet\r\nconnection: close\r\nauthorization: Bearer {client.token}\r\n\r\n".encode())
        self.head = self.socket.recv(12)

    def read(self):
        received = bytearray(self.head)
        while piece := self.socket.recv(1 << 20):
            received += piece
        self.socket.close()
        head, _, body = bytes(received).partition(b"\r\n\r\n")
        return head.decode(), json.loads(unchunked(body) if b"transfer-encoding: chunked" in head.lower() else body)


class TestLongAnswers:
    def test_a_page_ends_at_half_a_mebibyte_and_goes_on(self, long_desk):
        desk = long_desk
        for path, ids in (
                (f"/tickets/{desk.written['id']}/comments?limit=100", desk.comments), ("/tickets/my?limit=100", desk.opened[::-1])):
            client = desk.other if "my" in path else desk.customer
            items, sizes = whole(client, path)
            assert [item["id"] for item in items] == ids
            assert max(sizes) < MIB // 2 + 200_000 and len(sizes) <= len(ids) // 2 + 1, sizes
        given = desk.customer.get(f"/tickets/{desk.written['id']}?include=comments,html")
        # The ticket's own description, and both texts as HTML.
        assert len(given.body) < 2 * MIB and given.json["comments"]["next"]
        events, sizes = whole(desk.customer, f"/tickets/{desk.written['id']}/events?limit=100")
        assert len(events) == 41 and max(sizes) < MIB // 2 + 400_000, sizes

    def test_a_bare_array_is_whole_all_the_same(self, long_desk):
        desk = long_desk
        listed = desk.customer.get(f"/api/v1/tickets/{desk.written['id']}/messages")
        assert listed.status == 200 and listed["content-type"] == "application/json"
        assert [message["id"] for message in listed.json] == desk.comments
        assert all(message["content"] == LONGEST for message in listed.json)
        for limit in (1, 2, 3, 39, 40):
            assert [one["id"] for one in desk.customer.get(f"/api/v1/tickets/{desk.written['id']}/messages?limit={limit}").json] == desk.comments[:limit]
        assert [one["id"] for one in desk.other.get("/api/v1/tickets").json] == desk.opened[::-1]
        assert [one["id"] for one in desk.other.get("/api/v1/users/tickets?limit=1000").json] == desk.opened[::-1]
        assert [one["id"] for one in desk.other.get("/api/v1/users/tickets?limit=20&skip=7").json] == desk.opened[::-1][7:27]
        assert [one["id"] for one in desk.agent.get("/api/v1/csr/tickets").json][:20] == desk.opened[::-1]
        assert desk.customer.head(f"/api/v1/tickets/{desk.written['id']}/messages").status == 200

    def test_many_who_read_slowly_cost_little(self, long_desk):
        desk = long_desk
        path = f"/api/v1/tickets/{desk.written['id']}/messages"
        desk.agent.get(path)
        before = resident_mib(desk)
        # Each of the staff may ask fifteen times a minute.
        readers = [SlowReader(client, path) for client in (desk.agent, desk.admin) for _ in range(7)]
        assert all(reader.head == b"HTTP/1.1 200" for reader in readers)
        # Each has been answered, and holds what was read for it but not taken: of 10 MiB the kernel takes little.
        during = resident_mib(desk)
        assert desk.anonymous.get("/health").status == 200
        with concurrent.futures.ThreadPoolExecutor(14) as pool:
            answers = list(pool.map(SlowReader.read, readers))
        for head, messages in answers:
            assert head.startswith("HTTP/1.1 200"), head
            assert [message["id"] for message in messages] == desk.comments
        assert during - before < 100, f"{before} MiB before, {during} MiB with fourteen readers"

    def test_what_a_list_does_not_show_it_does_not_read(self, long_desk):
        desk = long_desk
        shown = desk.agent.get(f"/tickets/{desk.other.id}/open").json
        assert len(shown) == 20 and set(shown[0]) == {"title", "priority", "status", "created_at"}
        everything = desk.anonymous.get("/tickets")
        assert everything.status == 200 and set(everything.json[0]) == {"id", "number", "title", "priority", "status", "created_at"}
        assert len(everything.json) >= 21 and len(json.dumps(everything.json)) < MIB
