"""Files on comments: sent as they come, kept once, given to who may see them, and gone when nobody refers to them."""

import concurrent.futures
import contextlib
import hashlib
import http.client
import os
import pathlib
import random
import shutil
import socket
import sqlite3
import threading
import time
import uuid
from urllib.parse import urlsplit

import pytest

from desks import ENGINES, Client, database, psql, refused, running_desk, sign_in
from files import BOUNDARY, FORM, closed, form, part, place, send, upload
from martlet import Martlet
from nodes import Socket, two_nodes, wait_until
from s3 import SECRET, Store
from test_crash import UNLIMITED, account, small_disk, PASSWORD

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "4"))
MEGABYTE = 1 << 20


def kept(folder):
    """The files below a data folder, those on their way in too."""
    return sorted(path for path in pathlib.Path(folder, "data/attachments").rglob("*") if path.is_file() and not path.name.startswith("."))


def execute(desk, statement):
    if desk.engine == "postgres":
        return psql(desk.url, statement)
    with contextlib.closing(sqlite3.connect(desk.url.removeprefix("sqlite:"), timeout=10)) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
        return "\n".join("|".join(str(value) for value in row) for row in rows)


@pytest.fixture(params=ENGINES)
def desk(request, tmp_path):
    with running_desk(request.param, tmp_path) as desk:
        desk.folder = tmp_path
        yield desk


@pytest.fixture
def lite(tmp_path):
    """Where the engine makes no difference."""
    with running_desk("sqlite", tmp_path) as desk:
        desk.folder = tmp_path
        yield desk


class TestComments:
    def test_a_file_is_sent_put_on_a_comment_and_shown_everywhere(self, desk):
        ticket = desk.ticket()
        with contextlib.closing(Socket(desk.agent, ticket)) as heard:
            answer = send(desk.customer, PNG, "fire.png", "image/png")
            file = answer.json
            assert (answer.status, answer["location"]) == (201, f"/attachments/{file['id']}")
            assert (file["name"], file["size"], file["content_type"]) == ("fire.png", len(PNG), "image/png")
            comment = desk.comment(ticket, attachments=[file["id"]])
            assert comment["attachments"] == [file]
            wait_until(lambda: heard.heard(type="event"), "the comment")
            assert heard.heard(type="event")[0]["event"]["data"]["attachments"] == [file]
        path = f"/tickets/{ticket['id']}"
        for client in (desk.customer, desk.agent, desk.admin):
            assert client.get(f"{path}/comments").json["items"][0]["attachments"] == [file]
            assert client.get(f"{path}/comments/{comment['id']}").json["attachments"] == [file]
            assert client.get(f"{path}?include=comments").json["comments"]["items"][0]["attachments"] == [file]
            event = client.get(f"{path}/events?types=comment.created").json["items"][0]
            assert event["data"]["attachments"] == [file]
            assert client.get(f"/attachments/{file['id']}").body == PNG
        assert desk.anonymous.get(place(file["url"])).body == PNG
        refused(desk.other.get(f"/attachments/{file['id']}"), 404, "NOT_FOUND")
        assert desk.customer.delete(f"{path}/comments/{comment['id']}").status == 204
        for client, at in ((desk.customer, f"/attachments/{file['id']}"), (desk.anonymous, place(file["url"]))):
            refused(client.get(at), 404, "NOT_FOUND")

    def test_live_takes_ids_and_addresses(self, desk):
        ticket = desk.ticket()
        files = [upload(desk.customer, b"one"), upload(desk.customer, b"two")]
        path = f"/api/v1/tickets/{ticket['id']}/messages"
        names = [files[0]["id"], files[1]["url"], "https://elsewhere.example/a.png"]
        made = desk.customer.post(path, {"content": "See there.", "attachments": names})
        assert made.status == 201, made.body
        urls = made.json["attachments"]
        assert urls == [files[0]["url"], files[1]["url"], "https://elsewhere.example/a.png"]
        assert [desk.anonymous.get(place(url)).body for url in urls[:2]] == [b"one", b"two"]
        assert desk.customer.get(path).json[0]["attachments"] == urls
        attachments = desk.customer.get(f"/tickets/{ticket['id']}/comments").json["items"][0]["attachments"]
        assert [attachment["id"] for attachment in attachments] == [files[0]["id"], files[1]["id"], None]
        again = refused(desk.customer.post(path, {"content": "Again.", "attachments": names}), 400, "BAD_REQUEST")
        assert [fault["location"] for fault in again.json["errors"]] == ["attachments.0", "attachments.1"]

    def test_only_own_unused_files_are_taken(self, desk):
        ticket = desk.ticket()
        own, theirs = upload(desk.customer, b"own"), upload(desk.agent, b"theirs")
        answer = desk.customer.post(f"/tickets/{ticket['id']}/comments", {"content": "x", "attachments": [theirs["id"], own["id"], own["id"]]})
        assert [fault["location"] for fault in refused(answer, 400, "BAD_REQUEST").json["errors"]] == ["attachments.0", "attachments.2"]
        desk.comment(ticket, attachments=[own["id"]])
        answer = desk.customer.post(f"/tickets/{ticket['id']}/comments", {"content": "x", "attachments": [own["id"]]})
        refused(answer, 400, "BAD_REQUEST")

    def test_a_comment_s_tag_tells_when_the_addresses_change(self, lite):
        ticket = lite.ticket()
        comment = lite.comment(ticket, attachments=[upload(lite.customer, b"x")["id"]])
        path = f"/tickets/{ticket['id']}/comments/{comment['id']}"
        tag = lite.customer.get(path)["etag"]
        expiry = comment["attachments"][0]["url"].split("expires=")[1].split("&")[0]
        assert tag.startswith(f'"1-a{expiry}.')
        assert lite.customer.patch(path, {"content": "Changed."}, if_match=tag).status == 200


class TestSending:
    def test_the_same_file_is_kept_once(self, desk):
        content = os.urandom(100_000)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            files = list(pool.map(lambda number: upload(Client(desk.martlet, desk.customer.token), content, f"{number}.bin"), range(16)))
        assert len({file["id"] for file in files}) == 16
        [only] = kept(desk.folder)
        assert only.read_bytes() == content and only.name.startswith(hashlib.sha256(content).hexdigest())
        assert only.relative_to(desk.folder / "data/attachments").parts[:2] == (only.name[:2], only.name[2:4])

    def test_what_is_no_such_form_is_refused_and_leaves_nothing(self, lite):
        def faults(body, type=FORM):
            answer = refused(lite.customer.post("/attachments", body, content_type=type), 400, "BAD_REQUEST")
            return [(fault["location"], fault["type"]) for fault in answer.json.get("errors", [])]

        assert faults(closed(part("other", b"x"))) == [("other", "extra_forbidden"), ("file", "missing")]
        assert faults(closed(part("file", b"x", "a"), part("file", b"y", "b"), part("z", b""))) == [
            ("file", "duplicate_field"), ("z", "extra_forbidden")]
        assert faults(form(b"x")[:-8]) == [] and faults(b"nothing") == [] and faults(form(b"x").replace(b"name=", b"nom=")) == []
        for type in ("application/json", "multipart/form-data", "multipart/mixed; boundary=x"):
            refused(lite.customer.post("/attachments", form(b"x"), content_type=type), 415, "UNSUPPORTED_MEDIA_TYPE")
        refused(lite.customer.post("/attachments", form(b"x"), content_type=FORM, content_encoding="gzip"), 415, "UNSUPPORTED_MEDIA_TYPE")
        refused(lite.customer.post("/attachments?x=1", form(b"x"), content_type=FORM), 400, "BAD_REQUEST")
        assert kept(lite.folder) == []
        assert upload(lite.customer, b"")["size"] == 0

    def test_hostile_names_come_out_harmless(self, lite):
        for sent, name in {"../../etc/passwd": "passwd", "C:\\\\x\\\\con.xyz": "_con.xyz", "": "file", "a<b>.html": "a_b_.html"}.items():
            file = upload(lite.customer, b"<script>alert(1)</script>", sent, "text/html")
            answer = lite.customer.get(f"/attachments/{file['id']}")
            assert (file["name"], answer["content-type"]) == (name, "application/octet-stream")
            assert answer["content-disposition"] == f'attachment; filename="{name}"'
        body = form(b"x", "PLACE").replace(b'filename="PLACE"', b"filename*=UTF-8''%E2%82%AC%0D%0A%00%E2%80%AE.txt")
        file = lite.customer.post("/attachments", body, content_type=FORM).json
        assert file["name"] == "€.txt"
        assert lite.customer.get(f"/attachments/{file['id']}")["content-disposition"] == "attachment; filename=\"_.txt\"; filename*=UTF-8''%E2%82%AC.txt"

    def test_one_too_large_is_refused_before_it_is_sent(self, tmp_path):
        with running_desk("sqlite", tmp_path, MAX_UPLOAD_MB=1) as desk:
            assert upload(desk.customer, bytes(MEGABYTE))["size"] == MEGABYTE
            answer = refused(send(desk.customer, bytes(MEGABYTE + 1)), 413, "PAYLOAD_TOO_LARGE")
            assert answer.json["message"] == "The file may be at most 1048576 bytes"
            with desk.martlet.connect() as connection:
                connection.sendall(
                    f"POST /attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {desk.customer.token}\r\nContent-Type: {FORM}\r\n"
                    f"Content-Length: {30 * MEGABYTE}\r\nExpect: 100-continue\r\n\r\n".encode())
                assert connection.makefile("rb").readline() == b"HTTP/1.1 413 Content Too Large\r\n"
            # Who does not wait to be told, and does not look up until all is sent, reads the refusal all the same.
            answer = send(Client(desk.martlet, desk.customer.token), bytes(30 * MEGABYTE))
            refused(answer, 413, "PAYLOAD_TOO_LARGE")
            assert answer["connection"] == "close"
            # Nobody knows how long this one is.
            client = http.client.HTTPConnection(desk.martlet.host, desk.martlet.port, timeout=20)
            client.request("POST", "/attachments", iter([form(bytes(5 * MEGABYTE))]), {
                "Authorization": f"Bearer {desk.customer.token}", "Content-Type": FORM}, encode_chunked=True)
            assert client.getresponse().status == 413
            wait_until(lambda: len(kept(tmp_path)) == 1, "the files that were refused to go")

    @pytest.mark.parametrize("engine", ENGINES)
    def test_one_beyond_its_sender_s_quota_is_refused_before_it_is_sent(self, engine, tmp_path):
        with running_desk(engine, tmp_path, UPLOAD_QUOTA_MB=1) as desk:
            upload(desk.customer, bytes(MEGABYTE - 1000))
            said = "Your files may have 1 MiB in all, and this one does not fit: delete some, and a day later they count no more"
            answer = refused(send(desk.customer, bytes(1001)), 413, "PAYLOAD_TOO_LARGE")
            assert answer.json["message"] == said
            with desk.martlet.connect() as connection:
                connection.sendall(
                    f"POST /attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {desk.customer.token}\r\nContent-Type: {FORM}\r\n"
                    f"Content-Length: {MEGABYTE}\r\nExpect: 100-continue\r\n\r\n".encode())
                assert connection.makefile("rb").readline() == b"HTTP/1.1 413 Content Too Large\r\n"
            last = upload(Client(desk.martlet, desk.customer.token), bytes(1000))
            answer = refused(send(Client(desk.martlet, desk.customer.token), b"x"), 413, "PAYLOAD_TOO_LARGE")
            assert answer.json["message"] == said
            assert Client(desk.martlet, desk.customer.token).delete(f"/attachments/{last['id']}").status == 204
            refused(send(Client(desk.martlet, desk.customer.token), b"x"), 413, "PAYLOAD_TOO_LARGE")
            for _ in range(2):
                upload(desk.agent, bytes(MEGABYTE))

    def test_a_cut_upload_leaves_nothing(self, desk):
        body = form(bytes(3 * MEGABYTE))
        for cut in (100, len(body) // 2, len(body) - 5):
            with desk.martlet.connect() as connection:
                connection.sendall(
                    f"POST /attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {desk.customer.token}\r\nContent-Type: {FORM}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:cut])
                time.sleep(0.05)
        wait_until(lambda: kept(desk.folder) == [], "nothing to be left")
        assert execute(desk, "SELECT count(*) FROM attachments") == "0"

    def test_an_upload_may_take_long_as_long_as_it_goes_on(self, tmp_path):
        with running_desk("sqlite", tmp_path, BODY_GRACE_MS=500, BODY_MIN_RATE=1000) as desk:
            body = form(bytes(6000))
            with desk.martlet.connect() as connection:
                connection.sendall(
                    f"POST /attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {desk.customer.token}\r\nContent-Type: {FORM}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode())
                for start in range(0, len(body), 300):
                    connection.sendall(body[start : start + 300])
                    time.sleep(0.1)
                assert connection.makefile("rb").readline() == b"HTTP/1.1 201 Created\r\n"
            with desk.martlet.connect() as connection:
                connection.sendall(
                    f"POST /attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {desk.customer.token}\r\nContent-Type: {FORM}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:500])
                assert connection.makefile("rb").readline() == b"HTTP/1.1 408 Request Timeout\r\n"
            wait_until(lambda: len(kept(tmp_path)) == 1, "the slow one to go")

    def test_a_key_makes_one_upload_of_two(self, desk):
        first = send(desk.customer, b"x", idempotency_key="k")
        again = desk.customer.post("/attachments", form(b"x").replace(BOUNDARY.encode(), b"another"), idempotency_key="k",
                                   content_type="multipart/form-data; boundary=another")
        assert (again.status, again.json, again["idempotency-replayed"]) == (201, first.json, "true")
        refused(send(desk.customer, b"y", idempotency_key="k"), 422, "UNPROCESSABLE")
        assert len(kept(desk.folder)) == 1 and execute(desk, "SELECT count(*) FROM attachments") == "1"

    def test_memory_stays_as_it_is(self, tmp_path):
        size = 200 * MEGABYTE
        with running_desk("sqlite", tmp_path, MAX_UPLOAD_MB=200, LOOPS=1) as desk:
            upload(desk.customer, os.urandom(2 * MEGABYTE))
            desk.customer.get(f"/attachments/{upload(desk.customer, os.urandom(2 * MEGABYTE))['id']}")
            before = rest(desk.martlet)
            head, tail = form(b"").split(b"\r\n\r\n")
            piece = os.urandom(MEGABYTE)
            client = http.client.HTTPConnection(desk.martlet.host, desk.martlet.port, timeout=60)
            pieces = [head + b"\r\n\r\n"] + [piece] * (size // MEGABYTE) + [tail]
            client.request("POST", "/attachments", iter(pieces), {
                "Authorization": f"Bearer {desk.customer.token}", "Content-Type": FORM, "Content-Length": str(sum(map(len, pieces)))})
            answer = client.getresponse()
            id = __import__("json").loads(answer.read())["id"]
            assert answer.status == 201
            client.request("GET", f"/attachments/{id}", headers={"Authorization": f"Bearer {desk.customer.token}"})
            answer, count = client.getresponse(), 0
            while got := answer.read(MEGABYTE):
                count += len(got)
            assert count == size
            assert peak(desk.martlet) - before <= 8 * MEGABYTE


def rest(martlet):
    """What memory the process has now; from now on `peak` counts anew, or else what hashing passwords took once would hide what comes."""
    pathlib.Path(f"/proc/{martlet.pid}/clear_refs").write_text("5")
    return peak(martlet)


def peak(martlet):
    """The most memory that the process had."""
    [line] = [line for line in open(f"/proc/{martlet.pid}/status") if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


class TestReading:
    def test_ranges_and_conditions(self, desk):
        content = os.urandom(700_000)
        file = upload(desk.customer, content, "a.bin")
        path = f"/attachments/{file['id']}"
        whole = desk.customer.get(path)
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        assert (whole.status, whole.body, whole["etag"], whole["accept-ranges"]) == (200, content, tag, "bytes")
        assert whole["content-length"] == "700000" and whole["cache-control"].startswith("private")
        assert whole["x-content-type-options"] == "nosniff" and whole["content-security-policy"] == "sandbox; default-src 'none'"
        for field, first, last in (("0-0", 0, 0), ("100-299999", 100, 299_999), ("699999-", 699_999, 699_999), ("-5", 699_995, 699_999)):
            part = desk.customer.get(path, range=f"bytes={field}")
            assert (part.status, part["content-range"]) == (206, f"bytes {first}-{last}/700000")
            assert part.body == content[first : last + 1]
            assert desk.customer.get(path, range=f"bytes={field}", if_range=tag).status == 206
            assert desk.customer.get(path, range=f"bytes={field}", if_range='"other"').body == content
        answer = refused(desk.customer.get(path, range="bytes=700000-"), 416, "RANGE_NOT_SATISFIABLE")
        assert answer["content-range"] == "bytes */700000"
        assert desk.customer.get(path, range="bytes=0-1,5-6").body == content
        head = desk.customer.head(path, range="bytes=0-1")
        assert (head.status, head["content-length"], head.body) == (200, "700000", b"")
        assert desk.customer.get(path, if_none_match=tag).status == 304
        assert desk.customer.get(path, accept_encoding="gzip")["content-encoding"] is None

    def test_only_pictures_are_shown_in_place(self, lite):
        for content, name, type, served, kind in (
                (PNG, "a.png", "image/png", "image/png", "inline"), (b"<svg/>", "a.svg", "image/svg+xml", "application/octet-stream", "attachment"),
                (b"<p>", "a.html", "text/html", "application/octet-stream", "attachment"), (b"%PDF-", "a.pdf", "application/pdf", "application/pdf", "attachment"),
                (b"<p>", "a.png", "image/png", "application/octet-stream", "attachment"), (b"x", "a.txt", "text/plain", "text/plain", "attachment")):
            answer = lite.customer.get(f"/attachments/{upload(lite.customer, content, name, type)['id']}")
            assert (answer["content-type"], answer["content-disposition"]) == (served, f'{kind}; filename="{name}"')

    def test_a_signed_address_needs_nothing_else_and_is_not_logged(self, lite):
        file = upload(lite.customer, b"x")
        path = place(file["url"])
        assert lite.anonymous.get(path).body == b"x"
        refused(lite.anonymous.get(path[:-3] + "AAA"), 401, "UNAUTHORIZED")
        refused(lite.anonymous.get(path.replace("expires=1", "expires=2")), 401, "UNAUTHORIZED")
        refused(lite.anonymous.get(path.split("?")[0]), 401, "UNAUTHORIZED")
        assert lite.customer.get(path[:-3] + "AAA").body == b"x", "an old address keeps nobody from their own"
        refused(lite.other.get(path[:-3] + "AAA"), 404, "NOT_FOUND")
        lite.martlet.terminate()
        lite.martlet.process.wait(15)
        lite.martlet.reader.join(5)
        assert path.split("signature=")[1] not in str(lite.martlet.lines)

    def test_a_ticket_in_the_bin_takes_its_files_with_it(self, desk):
        ticket, file = desk.ticket(), upload(desk.agent, b"secret")
        [shown] = desk.comment(ticket, desk.agent, attachments=[file["id"]], comment_type="private")["attachments"]
        parts = urlsplit(shown["url"])
        path = f"{parts.path}?{parts.query}"
        assert desk.anonymous.get(path).body == b"secret"
        assert desk.admin.delete(f"/tickets/{ticket['id']}").status == 204
        refused(desk.anonymous.get(path), 404, "NOT_FOUND")
        refused(desk.agent.get(path), 404, "NOT_FOUND")
        assert desk.admin.get(path).body == b"secret"
        assert desk.admin.post(f"/tickets/{ticket['id']}/restore").status == 200
        assert desk.anonymous.get(path).body == b"secret"

    def test_a_reader_who_stops_reading_costs_only_a_connection(self, lite):
        file = upload(lite.customer, os.urandom(20 * MEGABYTE))
        before = rest(lite.martlet)
        with contextlib.ExitStack() as stack:
            for _ in range(10):
                connection = stack.enter_context(lite.martlet.connect())
                connection.sendall(f"GET {place(file['url'])} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
            time.sleep(0.3)
            assert lite.customer.get("/me").status == 200
            assert peak(lite.martlet) - before <= 16 * MEGABYTE


class TestSweeping:
    def test_what_nobody_refers_to_goes_after_a_day(self, tmp_path):
        for engine in ENGINES:
            folder = tmp_path / engine
            folder.mkdir()
            with database(engine, folder) as url:
                settings = {"DEMO": "on", "DATABASE_URL": url} | UNLIMITED
                martlet = Martlet(folder, **settings)
                desk = type("Desk", (), {"engine": engine, "url": url})
                client = Client(martlet, sign_in(martlet, "alice", "alice123")["access_token"])
                ticket = client.post("/tickets", {"title": "x", "description": "y"}).json
                used = upload(client, b"used")
                client.post(f"/tickets/{ticket['id']}/comments", {"content": "x", "attachments": [used["id"]]})
                upload(client, b"never used")
                stray = folder / "data/attachments/ab/cd" / f"{'abcd' + 60 * '0'}.{used['id']}"
                stray.parent.mkdir(parents=True)
                unfinished = folder / "data/attachments/incoming/cut-off"
                for path in (stray, unfinished):
                    path.write_bytes(b"left over")
                martlet.stop()
                assert len(kept(folder)) == 4
                Martlet(folder, **settings).stop()
                assert len(kept(folder)) == 4, "nothing is a day old"
                execute(desk, "UPDATE attachments SET unused_since = unused_since - 90000000")
                for path in kept(folder):
                    os.utime(path, (time.time() - 90_000,) * 2)
                martlet = Martlet(folder, **settings)
                wait_until(lambda: len(kept(folder)) == 1, kept(folder))
                client.close()
                client.martlet = martlet
                assert client.get(f"/attachments/{used['id']}").body == b"used"
                martlet.stop()

    @pytest.mark.timeout(240)
    @pytest.mark.parametrize("engine", ENGINES)
    def test_no_row_is_ever_without_its_file(self, engine, tmp_path):
        with database(engine, tmp_path) as url:
            settings = {"DATABASE_URL": url} | UNLIMITED
            desk = type("Desk", (), {"engine": engine, "url": url})
            martlet = Martlet(tmp_path, **settings)
            email, sent = account(martlet), {}
            for round in range(ROUNDS):
                token = sign_in(martlet, email, PASSWORD)["access_token"]
                senders = [threading.Thread(target=keep_sending, args=(martlet, token, sent)) for _ in range(6)]
                for sender in senders:
                    sender.start()
                time.sleep(0.3 + random.random() / 2)
                martlet.kill()
                for sender in senders:
                    sender.join(20)
                martlet = Martlet(tmp_path, **settings)
            client = Client(martlet, sign_in(martlet, email, PASSWORD)["access_token"])
            assert len(sent) > ROUNDS
            for id, content in sent.items():
                assert client.get(f"/attachments/{id}").body == content
            ids = execute(desk, "SELECT id FROM attachments" if engine == "postgres" else "SELECT hex(id) FROM attachments").split()
            for id in ids:
                assert client.get(f"/attachments/{uuid.UUID(id)}").status == 200
            # What was cut off between file and row is found, once it is a day old.
            martlet.stop()
            known = int(execute(desk, "SELECT count(*) FROM blobs"))
            for path in kept(tmp_path):
                os.utime(path, (time.time() - 90_000,) * 2)
            martlet = Martlet(tmp_path, **settings)
            wait_until(lambda: len(kept(tmp_path)) == known, f"{known} of {len(kept(tmp_path))}")
            martlet.stop()


def keep_sending(martlet, token, sent):
    client = Client(martlet, token)
    with contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            content = os.urandom(random.choice([10, 1000, 300_000]))
            answer = send(client, content)
            if answer.status == 409:
                return
            assert answer.status == 201, answer.body
            sent[answer.json["id"]] = content


class TestTrouble:
    @pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
    def test_a_full_disk_refuses_files_and_nothing_of_them_is_left(self, tmp_path):
        (tmp_path / "data").mkdir()
        with small_disk(tmp_path / "data/attachments", 4), running_desk("sqlite", tmp_path) as desk:
            answer = refused(send(desk.customer, os.urandom(6 * MEGABYTE)), 503, "UNAVAILABLE")
            assert int(answer["retry-after"]) > 0 and b"No space" not in answer.body
            wait_until(lambda: kept(tmp_path) == [], "nothing to be left")
            assert upload(desk.customer, os.urandom(2 * MEGABYTE))["size"] == 2 * MEGABYTE
            subprocess_free = shutil.disk_usage(tmp_path / "data/attachments").free
            assert subprocess_free > MEGABYTE
        # The folder is unmounted by now, and the server has ended well.

    def test_a_lost_file_is_told_as_such_and_comes_back_with_its_content(self, lite):
        file = upload(lite.customer, b"precious")
        for path in kept(lite.folder):
            path.unlink()
        refused(lite.customer.get(f"/attachments/{file['id']}"), 503, "UNAVAILABLE")
        upload(lite.agent, b"precious")
        assert lite.customer.get(f"/attachments/{file['id']}").body == b"precious"

    def test_nodes_with_folders_of_their_own_are_not_ready_once_there_are_files(self, tmp_path):
        with two_nodes(tmp_path, with_redis=False) as nodes:
            assert [ready["status"] for ready in nodes.readiness()] == ["ok", "ok"]
            upload(nodes.desk.customer, b"x")
            for node in (nodes.one, nodes.two):
                answer = node.get("/health/ready")
                assert answer.status == 503 and "S3_URL" in answer.json["reasons"][0]
            nodes.two.stop()
            wait_until(lambda: nodes.one.get("/health/ready").status == 200, "the one node to be alone")


@pytest.fixture
def store():
    store = Store()
    yield store
    store.stop()


class TestStore:
    @pytest.mark.parametrize("engine", ENGINES)
    def test_files_lie_in_the_store_and_all_its_requests_are_signed(self, engine, tmp_path, store):
        with running_desk(engine, tmp_path, S3_URL=store.url, MAX_UPLOAD_MB=40) as desk:
            content = os.urandom(3 * MEGABYTE + 7)
            file = upload(desk.customer, content, "a.bin")
            [name] = store.files
            assert name.startswith(f"desk/files/{hashlib.sha256(content).hexdigest()[:2]}/") and store.files[name][0] == content
            path = f"/attachments/{file['id']}"
            assert desk.customer.get(path).body == content
            assert desk.customer.get(path, range="bytes=1000000-1999999").body == content[1_000_000:2_000_000]
            assert desk.customer.head(path)["content-length"] == str(len(content))
            assert store.server.ranges > 6, "it comes in pieces"
            again = upload(desk.agent, content)
            assert len(store.files) == 1 and desk.agent.get(f"/attachments/{again['id']}").body == content
            empty = upload(desk.customer, b"")
            assert desk.customer.get(f"/attachments/{empty['id']}").body == b""
            upload(desk.agent, b"")
            assert store.refused == [] and kept(tmp_path) == []

    def test_a_store_that_is_away_is_told_as_such(self, tmp_path, store):
        with running_desk("sqlite", tmp_path, S3_URL=store.url) as desk:
            file = upload(desk.customer, b"x" * 100_000)
            store.stop()
            try:
                for answer in (send(desk.customer, b"y"), send(desk.customer, b"x" * 100_000), desk.customer.get(f"/attachments/{file['id']}")):
                    assert int(refused(answer, 503, "UNAVAILABLE")["retry-after"]) > 0
                assert desk.customer.get("/me").status == 200 and kept(tmp_path) == []
            finally:
                store.start()
            assert desk.customer.get(f"/attachments/{file['id']}").body == b"x" * 100_000
            assert upload(desk.customer, b"y")["size"] == 1
            assert SECRET not in str(desk.martlet.lines)

    def test_a_wrong_secret_is_found_out(self, tmp_path, store):
        with running_desk("sqlite", tmp_path, S3_URL=store.url.replace("of%40tests", "of%40others")) as desk:
            refused(send(desk.customer, b"x"), 503, "UNAVAILABLE")
            assert any(request.startswith("PUT") for request in store.refused) and store.files == {}

    def test_what_nobody_refers_to_goes_from_the_store_too(self, tmp_path, store):
        with running_desk("sqlite", tmp_path, S3_URL=store.url) as desk:
            ticket = desk.ticket()
            used = upload(desk.customer, b"used")
            desk.comment(ticket, attachments=[used["id"]])
            for number in range(3):
                upload(desk.customer, b"unused %d" % number)
            old = time.time() - 90_000
            for number in range(3):
                name = f"{'abcd' + 59 * '0'}{number}.{used['id']}"
                store.files[f"desk/files/ab/cd/{name}"] = (b"stray", old)
            store.files["desk/files/ab/cd/abcd.notours"] = (b"somebody else's", old)
            store.files["other/ab/cd/" + "abcd"] = (b"somebody else's", old)
            desk.engine = "sqlite"
            execute(desk, "UPDATE attachments SET unused_since = unused_since - 90000000")
            desk.martlet.stop()
            desk.martlet.__init__(tmp_path, DEMO="on", DATABASE_URL=desk.url, S3_URL=store.url, **UNLIMITED)
            wait_until(lambda: len(store.files) == 3, store.files.keys())
            assert store.refused == []
            desk.customer.close()
            assert desk.customer.get(f"/attachments/{used['id']}").body == b"used"
