"""Several nodes of one desk: on one PostgreSQL, with Redis and without."""

import concurrent.futures
import contextlib
import time

import pytest

from desks import Client, sign_in
from martlet import Martlet
from nodes import Socket, Stream, two_nodes, wait_until
from test_events import end, read

BOTH = pytest.mark.parametrize("with_redis", [True, False], ids=["redis", "no redis"])


@pytest.fixture
def nodes(tmp_path):
    with two_nodes(tmp_path) as nodes:
        nodes.desk.tell_nobody()
        yield nodes


@pytest.fixture
def open_things():
    with contextlib.ExitStack() as stack:
        yield lambda thing: stack.enter_context(contextlib.closing(thing))


def early_in_the_minute():
    """Limits count by minutes of the clock: what is to be counted must fit into one."""
    if time.time() % 60 > 40:
        time.sleep(60 - time.time() % 60)


class TestEvents:
    @BOTH
    def test_the_other_node_tells_all_once_and_in_order(self, tmp_path, with_redis, open_things):
        with two_nodes(tmp_path, with_redis) as nodes:
            # What each follower is told of tickets is compared, number by number.
            nodes.desk.tell_nobody()
            desk = nodes.desk
            ticket = desk.ticket()
            before = end(desk)
            # A stream that begins "now" would begin where the other node has looked last.
            stream = open_things(Stream(nodes.on_two(desk.agent), f"/events/stream?after={before}"))
            socket = open_things(Socket(nodes.on_two(desk.customer), ticket))
            for number in range(40):
                desk.comment(ticket, desk.agent if number % 2 else desk.customer, content=f"Line {number}")
            written = [event["seq"] for event in read(desk.agent, after=before)]
            assert len(written) >= 40
            wait_until(lambda: stream.seqs[-1:] == socket.seqs[-1:] == written[-1:], written)
            assert stream.seqs == written and [seq for seq in socket.seqs if seq > before] == written

    def test_nothing_is_lost_or_doubled_while_redis_goes_and_comes(self, nodes, open_things):
        desk = nodes.desk
        ticket = desk.ticket()
        before = end(desk)
        streams = [open_things(Stream(client, f"/events/stream?after={before}")) for client in (desk.agent, nodes.on_two(desk.agent))]
        sockets = [open_things(Socket(client, ticket)) for client in (desk.agent, nodes.on_two(desk.agent))]

        def write(node, count):
            client = Client(node, desk.customer.token)
            for number in range(count):
                desk.comment(ticket, client, content=f"Line {number}")

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            writers = [pool.submit(write, node, 150) for node in (nodes.one, nodes.two)]
            nodes.redis.act("pause")
            nodes.wait_for_redis("degraded")
            write(nodes.one, 5)
            nodes.redis.act("resume")
            nodes.wait_for_redis()
            write(nodes.two, 5)
            for writer in writers:
                writer.result()
        written = [event["seq"] for event in read(desk.agent, after=before)]
        assert len(written) >= 310
        for reader in streams + sockets:
            wait_until(lambda: reader.seqs[-1:] == written[-1:], written[-1])
            assert [seq for seq in reader.seqs if seq > before] == written

    def test_a_reader_that_moves_to_the_other_node_goes_on_where_it_was(self, nodes, open_things):
        desk = nodes.desk
        ticket = desk.ticket()
        before = end(desk)
        first = open_things(Stream(desk.agent, f"/events/stream?after={before}"))
        for number in range(5):
            desk.comment(ticket, content=f"Line {number}")
        wait_until(lambda: len(first.seqs) >= 3, first.seqs)
        known = first.seqs[:3]
        second = open_things(Stream(nodes.on_two(desk.agent), last_event_id=str(known[-1])))
        desk.comment(ticket, content="The last line")
        written = [event["seq"] for event in read(desk.agent, after=before)]
        wait_until(lambda: second.seqs[-1:] == written[-1:], written)
        assert known + second.seqs == written


class TestPresence:
    def test_who_comes_types_looks_and_leaves_is_told_on_the_other_node(self, nodes, open_things):
        desk = nodes.desk
        ticket = desk.ticket()
        agent = open_things(Socket(desk.agent, ticket))
        customer = open_things(Socket(nodes.on_two(desk.customer), ticket))
        agent.wait_for(type="presence", online=True)
        assert agent.heard(type="presence")[0]["user"]["id"] == desk.customer.id
        customer.say(type="typing", ticket=ticket["id"])
        agent.wait_for(type="typing", ticket=ticket["id"])
        customer.say(type="viewing", ticket=ticket["id"])
        agent.wait_for(type="viewing", ticket=ticket["id"])
        customer.close()
        agent.wait_for(type="presence", online=False)
        assert [len(agent.heard(type=kind)) for kind in ("typing", "viewing", "presence")] == [1, 1, 2]

    def test_staff_who_come_learn_who_is_there_on_any_node_and_customers_do_not(self, nodes, open_things):
        desk = nodes.desk
        ticket = desk.ticket()
        agent = open_things(Socket(desk.agent, ticket))
        colleague = open_things(Socket(nodes.on_two(desk.colleague), ticket))
        agent.wait_for(type="presence", online=True)
        admin = open_things(Socket(nodes.on_two(desk.admin), ticket))
        wait_until(lambda: len(admin.heard(type="presence")) == 2, admin.frames)
        assert {frame["user"]["id"] for frame in admin.heard(type="presence", online=True)} == {desk.agent.id, desk.colleague.id}
        customer = open_things(Socket(desk.customer, ticket))
        customer.say(type="typing", ticket=ticket["id"])
        colleague.wait_for(type="typing")
        assert not customer.heard(type="presence")

    def test_whoever_is_on_both_nodes_leaves_once(self, nodes, open_things):
        desk = nodes.desk
        ticket = desk.ticket()
        agent = open_things(Socket(desk.agent, ticket))
        here, there = open_things(Socket(desk.customer, ticket)), open_things(Socket(nodes.on_two(desk.customer), ticket))
        agent.wait_for(type="presence", online=True)
        here.say(type="typing", ticket=ticket["id"])
        there.say(type="typing", ticket=ticket["id"])
        wait_until(lambda: len(agent.heard(type="typing")) == 2, agent.frames)
        here.close()
        there.say(type="typing", ticket=ticket["id"])
        wait_until(lambda: len(agent.heard(type="typing")) == 3, agent.frames)
        there.close()
        agent.wait_for(type="presence", online=False)
        assert [frame["online"] for frame in agent.heard(type="presence")] == [True, False]

    def test_who_is_there_is_known_again_after_redis_was_away(self, nodes, open_things):
        desk = nodes.desk
        ticket = desk.ticket()
        agent = open_things(Socket(desk.agent, ticket))
        nodes.redis.act("pause")
        nodes.wait_for_redis("degraded")
        open_things(Socket(nodes.on_two(desk.customer), ticket))
        assert not agent.heard(type="presence")
        nodes.redis.act("resume")
        agent.wait_for(type="presence", online=True)


class TestSignOut:
    @BOTH
    def test_whoever_signs_out_on_one_node_is_out_on_the_other(self, tmp_path, with_redis, open_things):
        with two_nodes(tmp_path, with_redis) as nodes:
            signed = sign_in(nodes.one, "bob", "bob123")
            client = Client(nodes.two, signed["access_token"])
            assert client.get("/me").status == 200
            socket, stream = open_things(Socket(client)), open_things(Stream(client))
            staying = open_things(Socket(nodes.on_two(nodes.desk.agent)))
            assert Client(nodes.one).post("/auth/logout", {"refresh_token": signed["refresh_token"]}).status == 200
            wait_until(lambda: socket.close_code is not None, "the socket's end")
            assert socket.close_code == 4401
            wait_until(lambda: client.get("/me").status == 401, "the other node's refusal")
            wait_until(lambda: stream.answer.isclosed(), "the stream's end")
            assert staying.close_code is None

    @BOTH
    def test_whoever_may_less_than_before_is_out_on_the_other(self, tmp_path, with_redis, open_things):
        with two_nodes(tmp_path, with_redis) as nodes:
            socket = open_things(Socket(nodes.on_two(nodes.desk.colleague)))
            assert nodes.desk.admin.patch(f"/users/{nodes.desk.colleague.id}", {"role": "customer"}).status == 200
            wait_until(lambda: socket.close_code == 4401, "the socket's end")


class TestLimits:
    def test_requests_are_counted_on_both_nodes_together(self, tmp_path):
        with two_nodes(tmp_path, RATE_LIMIT=40) as nodes:
            early_in_the_minute()
            agent = nodes.desk.signed_in("bob", "bob123")
            for number in range(39):
                answer = Client((nodes.one, nodes.two)[number % 2], agent.token).get("/me")
                if answer.status == 429:
                    break
            # Whatever bob had asked before counts too.
            for node in (nodes.one, nodes.two):
                client = Client(node, agent.token)
                while client.get("/me").status == 200:
                    number += 1
                refused = client.get("/me")
                assert (refused.status, refused["ratelimit-remaining"], refused["ratelimit-limit"]) == (429, "0", "40")
            # Nodes tell each other what they have counted a few dozen times a second: a few may come in between.
            assert number < 44

    def test_tries_to_sign_in_are_counted_on_both_nodes_together(self, tmp_path):
        with two_nodes(tmp_path, AUTH_RATE_LIMIT=10) as nodes:
            # The desk's people have signed in already, all from here.
            if time.time() % 60 > 20:
                time.sleep(60 - time.time() % 60)
            bad = {"email": "nobody@example.com", "password": "not the password"}
            states = [Client((nodes.one, nodes.two)[number % 2]).post("/auth/login", bad).status for number in range(14)]
            assert set(states) == {401, 429} and states.index(429) <= 10 and states == sorted(states)
            assert states[10:] == [429] * 4

    def test_a_dialects_own_limits_are_counted_on_both_nodes_together(self, nodes):
        early_in_the_minute()
        body = {"topic": "Printer", "description": "It burns."}
        states = []
        for number in range(4):
            client = Client((nodes.one, nodes.two)[number % 2], nodes.desk.customer.token)
            states.append(client.post("/api/v1/tickets", body).status)
        assert states == [201, 201, 201, 429]

    def test_without_redis_each_node_counts_for_itself_and_then_together_again(self, tmp_path):
        with two_nodes(tmp_path, RATE_LIMIT=20) as nodes:
            nodes.redis.act("pause")
            nodes.wait_for_redis("degraded")
            early_in_the_minute()
            states = {}
            for node in (nodes.one, nodes.two):
                client = Client(node, nodes.desk.admin.token)
                states[node] = [client.get("/me").status for _ in range(21)]
            assert all(429 in of_node for of_node in states.values())
            assert states[nodes.two][:19] == [200] * 19
            nodes.redis.act("resume")
            nodes.wait_for_redis()
            one, two = (Client(node, nodes.desk.agent.token) for node in (nodes.one, nodes.two))
            early_in_the_minute()
            assert [one.get("/me").status for _ in range(20)] == [200] * 20
            assert two.get("/me").status == 429


class TestHealth:
    def test_without_redis_a_node_is_of_use_and_says_what_it_lacks_to_operators(self, nodes):
        assert nodes.readiness() == [{"status": "ok"}] * 2
        nodes.redis.act("pause")
        nodes.wait_for_redis("degraded")
        answer = nodes.one.get("/health/ready")
        assert answer.status == 200 and "Redis" in answer.json["reasons"][0]
        assert nodes.one.get("/health/ready", x_forwarded_for="203.0.113.9").json == {"status": "degraded"}
        nodes.one.wait_for_line("Redis is away: limits are counted on each node, and nodes hear of each other late")
        nodes.redis.act("resume")
        nodes.wait_for_redis()

    def test_a_desk_whose_redis_is_not_there_starts_all_the_same(self, start):
        martlet = start(REDIS_URL="redis://:sesame@127.0.0.1:9/3")
        assert martlet.get("/health/ready").json["status"] == "degraded"
        assert not any("sesame" in str(line) for line in martlet.lines)


def test_two_desks_at_one_redis_count_for_themselves(tmp_path):
    """Their names in Redis are made of their secrets."""
    with two_nodes(tmp_path, RATE_LIMIT=30) as nodes:
        (tmp_path / "other").mkdir()
        other = Martlet(tmp_path / "other", REDIS_URL=nodes.redis.url, RATE_LIMIT=30, JWT_SECRET="another desk's secret".replace(" ", "-"))
        try:
            early_in_the_minute()
            wait_until(lambda: other.get("/health/ready").json["status"] == "ok", "Redis")
            one, two = Client(nodes.one), Client(other)
            while one.get("/tickets").status != 429:
                pass
            assert two.get("/tickets").status == 401
        finally:
            other.stop()
