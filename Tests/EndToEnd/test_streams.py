"""The live streams, `/events/stream` and `/ws`: what comes, to whom, from where, and how they end."""

import json
import pathlib
import re
import time
import uuid

import pytest
import websockets.exceptions

from desks import ENGINES, Client, running_desk
from streams import DeskSocket, EventStream, RawSocket, frame
from test_events import end, read
from test_permissions import SECRET, token_of_theirs


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    with running_desk(request.param, tmp_path_factory.mktemp("streams"), DELEGATED_JWT_SECRET=SECRET) as desk:
        desk.tell_nobody()
        yield desk


@pytest.fixture(params=["stream", "socket"])
def follow(request, desk):
    """Follows as somebody, over one transport or the other. On a socket these tickets are subscribed to."""
    opened = []

    def follow(client, tickets=(), after=None):
        if request.param == "socket":
            opened.append(DeskSocket(desk.martlet, client.token, after=after, tickets=[ticket["id"] for ticket in tickets]))
        else:
            fields = {} if after is None else {"last_event_id": after}
            opened.append(EventStream(desk.martlet, client.token, **fields))
            assert opened[-1].status == 200
        return opened[-1]

    yield follow
    for one in opened:
        one.close()


def story(desk, ticket, foreign, before_bin):
    """Something of each kind, on two tickets. `before_bin` is called before one of them goes there."""
    desk.comment(ticket, desk.agent, content="Is it still burning?")
    desk.comment(ticket, desk.agent, content="Not again.", comment_type="private")
    desk.comment(foreign, desk.agent, content="Arson?", comment_type="private")
    desk.comment(foreign, desk.other)
    taken = desk.comment(ticket, desk.customer, content="swordfish")
    assert desk.customer.delete(f"/tickets/{ticket['id']}/comments/{taken['id']}").status == 204
    assert desk.agent.patch(f"/tickets/{ticket['id']}", {"status": "resolved", "priority": "high"}).status == 200
    before_bin()
    assert desk.admin.delete(f"/tickets/{foreign['id']}").status == 204
    assert desk.admin.post(f"/tickets/{foreign['id']}/restore").status == 200
    for client, last in ((desk.other, foreign), (desk.customer, ticket)):
        desk.comment(last, client, content="The end.")


def key(desk, *scopes):
    answer = desk.admin.post("/api-keys", {"name": "a key", "scopes": scopes})
    assert answer.status == 201, answer.body
    client = Client(desk.martlet, answer.json["key"])
    client.key = answer.json["id"]
    return client


def short_lived(desk, seconds, role="AGENT", name=None):
    name = name or uuid.uuid4().hex
    return token_of_theirs(SECRET, id=name, username=name, email=f"{name}@example.com", role=role, exp=int(time.time()) + seconds)


class TestWhatComes:
    @pytest.mark.parametrize("name", ["customer", "other", "agent", "colleague", "admin", "key"])
    def test_everybody_gets_what_is_theirs_as_they_would_get_it(self, desk, follow, name):
        client = key(desk, "read") if name == "key" else getattr(desk, name)
        ticket, foreign = desk.ticket(), desk.ticket(desk.other)
        mine = {"customer": [ticket], "other": [foreign]}.get(name, [ticket, foreign])
        before = end(desk)
        live = follow(client, mine)
        told = []

        def theirs_now():
            return [row for row in read(client, after=before) if row["ticket_id"] in (ticket["id"], foreign["id"])]

        # What is looked at while its ticket is in the bin is passed over, so all that was before must have been told by then.
        story(desk, ticket, foreign, before_bin=lambda: told.extend(live.until(theirs_now()[-1]["seq"])))
        theirs = theirs_now()
        told += live.until(theirs[-1]["seq"])
        if name != "admin":
            # While it was in the bin nobody was told of it; now that it is back its history is theirs again.
            theirs, told = ([row for row in rows if row["type"] != "ticket.deleted"] for rows in (theirs, told))
        # What was told when it was there, and is not for customers any more.
        gone = [row for row in told if row["seq"] not in {other["seq"] for other in theirs}]
        assert all(row["data"]["content"] == "swordfish" and row["type"] == "comment.created" for row in gone) and len(gone) <= 1
        told = [row for row in told if row not in gone]
        # What was said in a comment that was taken away is nobody's to read afterwards.
        for row in told:
            if row["type"] == "comment.created" and row["data"]["content"] == "swordfish":
                row["data"]["content"] = ""
        assert told == theirs
        assert {row["ticket_id"] for row in told} <= {ticket["id"] for ticket in mine}
        if name in ("customer", "other"):
            assert not any(word in json.dumps(told) for word in ("Not again.", "Arson?", "ticket.deleted"))

    def test_what_was_passed_over_while_its_ticket_was_in_the_bin_does_not_come_later(self, desk):
        ticket, other = desk.ticket(), desk.ticket()
        place = end(desk)
        desk.comment(ticket, desk.customer)
        assert desk.admin.delete(f"/tickets/{ticket['id']}").status == 204
        mark = desk.comment(other, desk.customer)
        with EventStream(desk.martlet, desk.agent.token, last_event_id=place) as live:
            assert live.next()["data"]["id"] == mark["id"]
            assert desk.admin.post(f"/tickets/{ticket['id']}/restore").status == 200
            row = live.next()
            assert (row["type"], row["ticket_id"]) == ("ticket.restored", ticket["id"])

    def test_from_a_place_on_with_nothing_lost_or_doubled(self, desk, follow):
        ticket = desk.ticket()
        rows = []
        place = end(desk)
        for round in range(5):
            for _ in range(3):
                last = desk.comment(ticket, desk.agent)
            live = follow(desk.customer, [ticket], after=place)
            last = read(desk.customer, after=place)[-1]["seq"]
            rows += live.until(last)
            place = rows[-1]["seq"]
            desk.comment(ticket, desk.agent)
            rows += live.until(place + 1)
            place = rows[-1]["seq"]
            live.close()
        assert [row["seq"] for row in rows] == [row["seq"] for row in read(desk.customer, f"/tickets/{ticket['id']}/events")][1:]

    def test_a_place_that_is_ahead_of_the_hub_or_of_the_log(self, desk, follow):
        ticket = desk.ticket()
        for place in (end(desk), 10**12):
            live = follow(desk.customer, [ticket], after=place)
            comment = desk.comment(ticket, desk.agent)
            assert live.until(0)[0]["data"]["id"] == comment["id"]

    def test_a_role_that_changes_ends_what_it_opened_within_a_second(self, desk, follow):
        for change in ({"role": "customer"}, {"role": "admin"}, {"is_active": False}):
            person = desk.register("Paul", "Passing", role="agent")
            ticket = desk.ticket()
            live = follow(person, [ticket])
            assert desk.admin.patch(f"/users/{person.id}", change).status == 200
            began = time.monotonic()
            desk.comment(ticket, desk.agent, content="Not for you.", comment_type="private")
            if isinstance(live, DeskSocket):
                assert live.close_code() == 4401
            else:
                assert live.ended()
            assert time.monotonic() - began < 5

    def test_whoever_signs_out_hears_no_more(self, desk, follow):
        person = desk.register("Sam", "Signs")
        live = follow(person)
        assert Client(desk.martlet).post("/auth/logout", {"refresh_token": person.refresh}).status == 200
        assert live.close_code() == 4401 if isinstance(live, DeskSocket) else live.ended()

    def test_a_key_that_is_deleted_opens_nothing_any_more(self, desk, follow):
        client = key(desk, "read")
        live = follow(client)
        assert desk.admin.delete(f"/api-keys/{client.key}").status == 204
        assert live.close_code() == 4401 if isinstance(live, DeskSocket) else live.ended()

    def test_a_token_that_ends(self, desk, follow):
        live = follow(Client(desk.martlet, short_lived(desk, 2)))
        assert live.close_code() == 4401 if isinstance(live, DeskSocket) else live.ended()


class TestTheStream:
    def test_it_is_one(self, desk):
        with EventStream(desk.martlet, desk.customer.token) as live:
            assert "content-type: text/event-stream" in live.head.lower() and "cache-control: no-store" in live.head.lower()
            assert live.take(b"\n\n") == b"retry: 1000"

    def test_what_was_seen_last_wins_over_after(self, desk):
        ticket = desk.ticket()
        seqs = [row["seq"] for row in read(desk.customer, f"/tickets/{ticket['id']}/events")]
        desk.comment(ticket)
        for path, fields in ((f"/events/stream?after={seqs[-1]}", {}), ("/events/stream?after=0", {"last_event_id": seqs[-1]})):
            with EventStream(desk.martlet, desk.customer.token, path, **fields) as live:
                assert live.next()["type"] == "comment.created"

    @pytest.mark.parametrize("path, fields, status", [
        ("/events/stream", {"authorization": "Bearer bad"}, 401), ("/events/stream", {}, 401), ("/events/stream?after=x", None, 400),
        ("/events/stream?after=-1", None, 400), ("/events/stream?since=1", None, 400), ("/events/stream", {"last_event_id": "x"}, 400),
        ("/events/stream", {"last_event_id": "-1"}, 400), ("/events/stream", {"last_event_id": "9" * 30}, 400),
        ("/events/stream?token=x", {}, 401)])
    def test_what_makes_no_sense_is_refused(self, desk, path, fields, status):
        token = None if fields == {} or "authorization" in (fields or {}) else desk.customer.token
        with EventStream(desk.martlet, token, path, **(fields or {})) as answer:
            assert answer.status == status

    def test_a_key_that_is_not_for_reading(self, desk):
        with EventStream(desk.martlet, key(desk, "write").token) as answer:
            assert answer.status == 403


class TestWhoIsThere:
    @pytest.mark.parametrize("by", ["header", "query", "frame"])
    def test_three_ways_to_say_who_one_is(self, desk, by):
        ticket = desk.ticket()
        with DeskSocket(desk.martlet, desk.customer.token, by=by, tickets=[ticket["number"]]) as live:
            comment = desk.comment(ticket, desk.agent)
            assert live.row()["data"]["id"] == comment["id"]

    @pytest.mark.parametrize("by", ["header", "query"])
    def test_a_bad_credential_is_refused_before_the_upgrade(self, desk, by):
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            DeskSocket(desk.martlet, "bad", by=by)
        assert refused.value.response.status_code == 401

    def test_a_bad_credential_in_a_frame_is_told_and_ends_it(self, desk):
        live = DeskSocket(desk.martlet)
        live.say(type="authorize", token="bad")
        assert live.error() == "UNAUTHORIZED" and live.close_code() == 4401

    def test_nothing_is_told_to_who_did_not_say(self, desk):
        ticket = desk.ticket()
        with DeskSocket(desk.martlet) as live:
            for what in ({"type": "subscribe", "ticket": ticket["id"]}, {"type": "resume", "after": 0}, {"type": "typing", "ticket": ticket["id"]}):
                live.say(**what)
                assert live.error() == "UNAUTHORIZED"

    def test_a_new_token_on_the_way_keeps_the_socket(self, desk):
        name, ticket = uuid.uuid4().hex, desk.ticket()
        with DeskSocket(desk.martlet, short_lived(desk, 2, name=name), tickets=[ticket["id"]]) as live:
            live.say(type="authorize", token=short_lived(desk, 60, name=name))
            assert live.next() == {"type": "authorized"}
            time.sleep(3.5)
            desk.comment(ticket)
            assert live.row()["type"] == "comment.created"

    def test_a_socket_stays_one_persons(self, desk):
        with DeskSocket(desk.martlet, desk.customer.token) as live:
            live.say(type="authorize", token=desk.other.token)
            assert live.error() == "FORBIDDEN"
            live.say(type="authorize", token="bad")
            assert live.error() == "UNAUTHORIZED"
            live.sync()

    def test_a_key_that_is_not_for_reading(self, desk):
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            DeskSocket(desk.martlet, key(desk, "write").token)
        assert refused.value.response.status_code == 403

    def test_no_token_is_logged(self, desk):
        with DeskSocket(desk.martlet, desk.customer.token, by="query"):
            desk.anonymous.get("/health")
        time.sleep(0.5)
        assert desk.customer.token not in json.dumps(desk.martlet.lines)


class TestTheSocket:
    def test_without_a_subscription_nothing_comes_and_after_the_end_of_one_neither(self, desk):
        one, two = desk.ticket(), desk.ticket()
        with DeskSocket(desk.martlet, desk.agent.token, tickets=[two["id"]]) as live:
            desk.comment(one)
            desk.comment(two)
            assert live.row()["ticket_id"] == two["id"]
            live.say(type="unsubscribe", ticket=two["number"])
            live.say(type="subscribe", ticket=one["number"])
            live.sync()
            desk.comment(two)
            desk.comment(one)
            assert live.row()["ticket_id"] == one["id"]

    def test_one_frame_subscribes_and_resumes(self, desk):
        one, two = desk.ticket(), desk.ticket()
        place = end(desk)
        comments = [desk.comment(ticket)["id"] for ticket in (one, two, one)]
        with DeskSocket(desk.martlet, desk.customer.token) as live:
            live.say(type="resume", after=place, tickets=[one["id"], str(uuid.uuid4()), two["number"]])
            # What is not there keeps nobody from the rest.
            assert live.error() == "NOT_FOUND"
            assert [live.row()["data"]["id"] for _ in comments] == comments
            comments = [desk.comment(two)["id"]]
            assert live.row()["data"]["id"] == comments[0]

    def test_resuming_first_and_subscribing_then_loses_nothing(self, desk):
        one, two = desk.ticket(), desk.ticket()
        place = end(desk)
        comments = [desk.comment(ticket)["id"] for ticket in (one, two, one)]
        for pause in (0, 0.4):
            with DeskSocket(desk.martlet, desk.customer.token) as live:
                live.say(type="resume", after=place)
                # The second time the log is read before the subscriptions come.
                time.sleep(pause)
                for ticket in (one, two):
                    live.say(type="subscribe", ticket=ticket["id"])
                rows = [live.row() for _ in comments]
                assert [row["data"]["id"] for row in rows] == comments
                comments.append(desk.comment(two)["id"])
                assert live.row()["data"]["id"] == comments[-1]

    def test_a_subscription_after_the_first_events_begins_at_the_place_that_was_resumed_from(self, desk):
        one, two = desk.ticket(), desk.ticket()
        place = end(desk)
        of_one, of_two = [], []
        for _ in range(3):
            of_one.append(desk.comment(one)["id"])
            of_two.append(desk.comment(two)["id"])
        with DeskSocket(desk.martlet, desk.customer.token) as live:
            live.say(type="resume", after=place, tickets=[one["id"]])
            assert [live.row()["data"]["id"] for _ in of_one] == of_one
            live.say(type="subscribe", ticket=two["number"])
            live.say(type="subscribe", ticket=two["id"])
            live.sync()
            of_two.append(desk.comment(two)["id"])
            assert [live.row()["data"]["id"] for _ in of_two] == of_two
            last = desk.comment(one)["id"]
            assert live.row()["data"]["id"] == last

    def test_foreign_tickets_are_not_there(self, desk):
        foreign = desk.ticket(desk.other)
        with DeskSocket(desk.martlet, desk.customer.token) as live:
            for kind in ("subscribe", "unsubscribe", "typing", "viewing"):
                live.say(type=kind, ticket=foreign["id"])
                assert live.error() == "NOT_FOUND"
            live.say(type="subscribe", ticket=str(uuid.uuid4()))
            assert live.error() == "NOT_FOUND"

    def test_who_types_and_who_is_there_is_told_to_staff(self, desk):
        ticket = desk.ticket()
        user = {"id": desk.customer.id, "name": desk.customer.get("/me").json["name"]}
        with DeskSocket(desk.martlet, desk.agent.token, tickets=[ticket["id"]]) as agent:
            with DeskSocket(desk.martlet, desk.customer.token, tickets=[ticket["id"]]) as customer:
                assert agent.next() == {"type": "presence", "ticket": ticket["id"], "user": user, "online": True}
                for kind in ("typing", "viewing"):
                    customer.say(type=kind, ticket=ticket["id"])
                    assert agent.next() == {"type": kind, "ticket": ticket["id"], "user": user}
                    agent.say(type=kind, ticket=ticket["id"])
                agent.sync()
                desk.comment(ticket)
                assert customer.next()["type"] == "event" and agent.next()["type"] == "event"
            assert agent.next() == {"type": "presence", "ticket": ticket["id"], "user": user, "online": False}

    def test_two_hundred_tickets_and_no_more(self, desk):
        tickets = [desk.ticket()["id"] for _ in range(201)]
        with DeskSocket(desk.martlet, desk.customer.token, tickets=tickets[:200]) as live:
            live.say(type="subscribe", ticket=tickets[200])
            assert live.error() == "CONFLICT"


DEEP = b'{"type":' * 40 + b"1" + b"}" * 40

# What a client may get wrong, and the word of the error or the code of the close that it is answered with.
HOSTILE = [
    ("nothing", frame(1, b""), "BAD_REQUEST"),
    ("no JSON", frame(1, b"hello"), "BAD_REQUEST"),
    ("half a JSON", frame(1, b'{"type":"subscribe"'), "BAD_REQUEST"),
    ("two JSONs", frame(1, b'{"type":"resume","after":0}{}'), "BAD_REQUEST"),
    ("an array", frame(1, b'["subscribe"]'), "BAD_REQUEST"),
    ("null", frame(1, b"null"), "BAD_REQUEST"),
    ("no type", frame(1, b"{}"), "BAD_REQUEST"),
    ("a type that is none", frame(1, b'{"type":"drop_tables"}'), "BAD_REQUEST"),
    ("a type that is a number", frame(1, b'{"type":1}'), "BAD_REQUEST"),
    ("a type of the server's", frame(1, b'{"type":"authorized"}'), "BAD_REQUEST"),
    ("a field too many", frame(1, b'{"type":"resume","after":0,"before":1}'), "BAD_REQUEST"),
    ("a field twice", frame(1, b'{"type":"resume","after":0,"after":-1}'), "BAD_REQUEST"),
    ("no ticket", frame(1, b'{"type":"subscribe"}'), "BAD_REQUEST"),
    ("a ticket of null", frame(1, b'{"type":"subscribe","ticket":null}'), "BAD_REQUEST"),
    ("a ticket that is an object", frame(1, b'{"type":"subscribe","ticket":{}}'), "BAD_REQUEST"),
    ("a ticket that is no id", frame(1, b'{"type":"subscribe","ticket":"../../etc/passwd"}'), ("BAD_REQUEST", "NOT_FOUND")),
    ("a ticket far off", frame(1, b'{"type":"subscribe","ticket":"99999999999"}'), ("BAD_REQUEST", "NOT_FOUND")),
    ("no place", frame(1, b'{"type":"resume"}'), "BAD_REQUEST"),
    ("a place before all", frame(1, b'{"type":"resume","after":-1}'), "BAD_REQUEST"),
    ("a place between", frame(1, b'{"type":"resume","after":1.5}'), "BAD_REQUEST"),
    ("a place beyond numbers", frame(1, b'{"type":"resume","after":1e400}'), "BAD_REQUEST"),
    ("no token", frame(1, b'{"type":"authorize"}'), "BAD_REQUEST"),
    ("an empty token", frame(1, b'{"type":"authorize","token":""}'), "BAD_REQUEST"),
    ("a huge token", frame(1, b'{"type":"authorize","token":"' + b"x" * 9000 + b'"}'), "BAD_REQUEST"),
    ("a NUL", frame(1, b'{"type":"subscribe","ticket":"\\u0000"}'), ("BAD_REQUEST", "NOT_FOUND")),
    ("half a surrogate", frame(1, b'{"type":"subscribe","ticket":"\\ud800"}'), "BAD_REQUEST"),
    ("what is deep", frame(1, DEEP), "BAD_REQUEST"),
    ("what is deeper than may be", frame(1, b"[" * 16_000), "BAD_REQUEST"),
    ("bytes", frame(2, b'{"type":"resume","after":0}'), "BAD_REQUEST"),
    ("text that is none", frame(1, b"\xff\xfe"), 1007),
    ("a message that is too long", frame(1, b" " * 16_385), 1009),
    ("a length that is a threat", frame(1, b"", length=2**62), 1009),
    ("too long in pieces", frame(1, b" " * 16_000, final=False) + frame(0, b" " * 1000), 1009),
    ("a frame without a mask", frame(1, b"{}", masked=False), 1002),
    ("a piece of nothing", frame(0, b"{}"), 1002),
    ("a message within another", frame(1, b"{", final=False) + frame(1, b"}"), 1002),
    ("a kind that is none", frame(3, b"{}"), 1002),
    ("a bit that nobody agreed upon", frame(1, b"{}", reserved=4), 1002),
    ("a ping in pieces", frame(9, b"", final=False), 1002),
    ("a ping that is too long", frame(9, b"x" * 126), 1002),
    ("a close of one byte", frame(8, b"\x03"), 1002),
    ("a close with a code that is none", frame(8, b"\x00\x01"), 1002),
]


class TestHostileFrames:
    @pytest.mark.parametrize("what, sent, expected", HOSTILE, ids=[what for what, _, _ in HOSTILE])
    def test_they_are_answered_and_cost_only_their_sender(self, desk, what, sent, expected):
        live = RawSocket(desk.martlet, desk.customer.token)
        live.socket.sendall(sent)
        answer = live.answer()
        assert answer in (expected if isinstance(expected, tuple) else (expected,))
        if isinstance(answer, str):
            # An error is told, and the socket goes on.
            live.socket.sendall(frame(9, b"still there?"))
            assert live.frame() == (10, b"still there?")
        live.close()
        assert desk.anonymous.get("/health").status == 200

    def test_a_socket_that_is_cut_within_a_frame(self, desk):
        for _ in range(20):
            live = RawSocket(desk.martlet, desk.customer.token)
            live.socket.sendall(frame(1, b'{"type":"subs', length=40))
            live.close()
        assert desk.anonymous.get("/health").status == 200

    def test_frames_count_as_requests_do(self, tmp_path):
        with running_desk("sqlite", tmp_path, RATE_LIMIT=200) as desk:
            with DeskSocket(desk.martlet, desk.customer.token) as live:
                errors = []
                for _ in range(450):
                    live.say(type="subscribe", ticket=str(uuid.uuid4()))
                    errors.append(live.error())
                assert set(errors) == {"NOT_FOUND", "RATELIMIT"} and errors.count("NOT_FOUND") <= 400


def is_held(desk, reader):
    """Whether the server still has its end of that connection open."""
    ends = (f":{desk.martlet.port:04X}", f":{reader.socket.getsockname()[1]:04X}")
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(ends[0]) and words[2].endswith(ends[1]):
            return words[3] == "01"
    return False


def resident_mib(desk):
    status = pathlib.Path(f"/proc/{desk.martlet.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


@pytest.fixture(scope="module", params=ENGINES)
def strict(request, tmp_path_factory):
    """A desk that is patient with slow readers for three seconds."""
    with running_desk(request.param, tmp_path_factory.mktemp("slow"), BODY_GRACE_MS=3000) as desk:
        desk.tell_nobody()
        yield desk


class TestSlowReaders:
    """They cost their own stream and a bounded piece of memory, and others nothing."""

    @pytest.mark.timeout(90)
    def test_who_stops_reading_is_dropped_and_memory_stays(self, strict):
        desk, ticket = strict, strict.ticket()
        stuck = [EventStream(desk.martlet, desk.customer.token, receive_buffer=4096) for _ in range(6)]
        slow = RawSocket(desk.martlet, desk.customer.token)
        slow.socket.sendall(frame(1, json.dumps({"type": "subscribe", "ticket": ticket["id"]}).encode()))
        other = EventStream(desk.martlet, desk.customer.token)
        stuck.append(slow)
        assert all(is_held(desk, one) for one in (*stuck, other))
        before = resident_mib(desk)
        for round in range(6):
            rows = [desk.comment(ticket, desk.agent, content="x" * 60_000)["id"] for _ in range(50)]
            told = [other.next() for _ in range(50 if round else 51)]
            assert {row["data"]["id"] for row in told} >= set(rows)
        # SQLite's own cache grows by 40 MiB with so many writes. What they do not take, kept for each, would be another 120 at least.
        assert resident_mib(desk) - before < 130, before
        began = time.monotonic()
        assert is_held(desk, other)
        while any(is_held(desk, one) for one in stuck):
            assert time.monotonic() - began < 40, "they are still there"
            time.sleep(0.5)
        desk.comment(ticket)
        assert other.next()["type"] == "comment.created"
        for one in (*stuck, other):
            one.close()

    @pytest.mark.timeout(60)
    def test_who_reads_again_in_time_is_told_why(self, strict):
        desk, ticket = strict, strict.ticket()
        place = end(desk)
        for _ in range(200):
            desk.comment(ticket, desk.agent, content="x" * 60_000)
        # All of it is there already, so that it is stuck at once, however long writing took.
        slow = RawSocket(desk.martlet, desk.customer.token)
        slow.socket.sendall(frame(1, json.dumps({"type": "resume", "after": place, "tickets": [ticket["id"]]}).encode()))
        # Between once and twice as long as the desk is patient.
        time.sleep(4.5)
        opcode, content = slow.frame()
        seqs = []
        while opcode != 8:
            seqs.append(json.loads(content)["event"]["seq"])
            opcode, content = slow.frame()
        assert content[:2] == (1013).to_bytes(2, "big") and seqs == sorted(set(seqs))
        # And nothing is lost to who comes back.
        rest = [row["seq"] for row in read(desk.customer, f"/tickets/{ticket['id']}/events", after=seqs[-1])]
        with DeskSocket(desk.martlet, desk.customer.token, tickets=[ticket["id"]], after=seqs[-1]) as live:
            assert [row["seq"] for row in live.until(rest[-1])] == rest


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A desk that waits less than a second for a client to say who it is."""
    with running_desk("sqlite", tmp_path_factory.mktemp("hasty"), HEADER_TIMEOUT_MS=700) as desk:
        yield desk


class TestWhoNeverSays:
    def test_they_are_sent_away_whatever_else_they_say(self, hasty):
        for words in [[], [{"type": "subscribe", "ticket": "1"}] * 3]:
            with DeskSocket(hasty.martlet) as live:
                for said in words:
                    live.say(**said)
                assert live.close_code() == 4401

    def test_who_says_it_in_time_stays(self, hasty):
        ticket = hasty.ticket()
        with DeskSocket(hasty.martlet, hasty.customer.token, by="frame", tickets=[ticket["id"]]) as live:
            time.sleep(1)
            live.sync()
            hasty.comment(ticket)
            assert live.row()["type"] == "comment.created"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_server_that_stops_says_so(engine, tmp_path):
    with running_desk(engine, tmp_path) as desk:
        sockets = [DeskSocket(desk.martlet, desk.customer.token), DeskSocket(desk.martlet)]
        stream = EventStream(desk.martlet, desk.agent.token)
        desk.martlet.terminate()
        assert [socket.close_code() for socket in sockets] == [1001, 1001] and stream.ended()
        assert desk.martlet.process.wait(12) == 0
