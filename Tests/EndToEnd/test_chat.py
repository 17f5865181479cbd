"""The chat of the CSR dialect: `ws://host/ws/tickets/{ticket_id}?token=`. Each on both engines."""

import asyncio
import contextlib
import json
import re
import uuid

import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus

from desks import ENGINES, Client, running_desk

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def chat(client, ticket, token=None, **options):
    name = ticket["id"] if isinstance(ticket, dict) else ticket
    return websockets.connect(f"ws://{client.martlet.host}:{client.martlet.port}/ws/tickets/{name}?token={token or client.token}", **options)


async def hear(socket):
    return json.loads(await asyncio.wait_for(socket.recv(), 10))


async def say(socket, content, **more):
    await socket.send(json.dumps({"content": content} | more))


async def ended(socket):
    """The code with which the server ends it, whatever it says before."""
    with pytest.raises(ConnectionClosed):
        while True:
            await asyncio.wait_for(socket.recv(), 10)
    return socket.close_code


@contextlib.asynccontextmanager
async def talking(*pairs):
    """A socket for each pair of client and ticket."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(chat(client, ticket)) for client, ticket in pairs]


class TestTalk:
    def test_all_on_a_ticket_hear_it_and_so_does_who_says_it(self, desk):
        ticket = desk.ticket()

        async def talk():
            async with talking((desk.customer, ticket), (desk.agent, ticket), (desk.admin, ticket)) as sockets:
                await say(sockets[0], "It burns.")
                heard = [await hear(socket) for socket in sockets]
                assert heard == [heard[0]] * 3
                assert heard[0] == {"ticket_id": ticket["id"], "sender_id": desk.customer.id, "content": "It burns.", "timestamp": heard[0]["timestamp"]}
                assert TIME.match(heard[0]["timestamp"])
                await say(sockets[1], "On my way.", ticket_id=ticket["id"])
                assert {(await hear(socket))["sender_id"] for socket in sockets} == {desk.agent.id}

        asyncio.run(talk())
        # Each message is a public comment, as those are that come in any other way.
        comments = desk.customer.get(f"/tickets/{ticket['id']}/comments").json["items"]
        assert [(row["content"], row["author"]["id"], row["comment_type"]) for row in comments] == [
            ("It burns.", desk.customer.id, "public"), ("On my way.", desk.agent.id, "public")]
        assert desk.customer.get(f"/tickets/{ticket['id']}").json["status"] == "in_progress"

    def test_what_is_written_elsewhere_is_heard_too_but_not_what_is_private(self, desk):
        ticket, another = desk.ticket(), desk.ticket()

        async def talk():
            async with talking((desk.customer, ticket), (desk.agent, ticket)) as sockets:
                desk.comment(ticket, desk.agent, content="Arson.", comment_type="private")
                desk.comment(another, desk.agent, content="Of another.")
                comment = desk.comment(ticket, desk.agent, content="In public.")
                assert desk.agent.post("/reply", {"ticket_id": ticket["number"], "reply_text": "By the Classic dialect."}).status == 201
                for socket in sockets:
                    heard = await hear(socket)
                    assert (heard["content"], heard["timestamp"]) == ("In public.", comment["created_at"])
                    assert (await hear(socket))["content"] == "By the Classic dialect."

        asyncio.run(talk())

    def test_a_ticket_goes_by_its_number_too(self, desk):
        ticket = desk.ticket()

        async def talk():
            async with chat(desk.customer, ticket["number"]) as socket:
                await say(socket, "Hello", ticket_id=ticket["number"])
                assert (await hear(socket))["ticket_id"] == ticket["id"]

        asyncio.run(talk())

    def test_a_token_in_the_header(self, desk):
        ticket = desk.ticket()

        async def talk():
            address = f"ws://{desk.martlet.host}:{desk.martlet.port}/ws/tickets/{ticket['id']}"
            async with websockets.connect(address, additional_headers={"authorization": f"Bearer {desk.customer.token}"}) as socket:
                await say(socket, "Hello")
                assert (await hear(socket))["content"] == "Hello"

        asyncio.run(talk())

    def test_fifty_on_a_ticket_hear_everything_once_and_in_order(self, desk):
        ticket = desk.ticket()

        async def talk():
            async with talking(*[(client, ticket) for client in [desk.customer, desk.agent] * 25]) as sockets:
                count = 4

                async def speak(place, socket):
                    for number in range(count):
                        await say(socket, f"{place}-{number}")

                async def listen(socket):
                    return [(await hear(socket))["content"] for _ in range(count * len(sockets))]

                heard, _ = await asyncio.gather(
                    asyncio.gather(*map(listen, sockets)), asyncio.gather(*[speak(place, socket) for place, socket in enumerate(sockets)]))
                assert len(set(heard[0])) == len(heard[0]) == count * 50
                assert all(one == heard[0] for one in heard)
                # What one says stays in its order.
                for place in range(50):
                    assert [said for said in heard[0] if said.startswith(f"{place}-")] == [f"{place}-{number}" for number in range(count)]
                # And nothing comes after it.
                for socket in sockets:
                    with pytest.raises(TimeoutError):
                        await asyncio.wait_for(socket.recv(), 0.01)
                return heard[0]

        heard = asyncio.run(talk())
        kept, cursor = [], ""
        while cursor is not None:
            page = desk.customer.get(f"/tickets/{ticket['id']}/comments?limit=100" + (f"&cursor={cursor}" if cursor else "")).json
            kept, cursor = kept + [row["content"] for row in page["items"]], page["next"]
        assert kept == heard


class TestWhatIsNoMessage:
    def test_it_is_answered_and_the_talk_goes_on(self, desk):
        ticket, another = desk.ticket(), desk.ticket()

        async def talk():
            async with chat(desk.customer, ticket) as socket:
                for frame, location in [
                        ("{", "body"), ("[]", "body"), ("{}", "content"), ('{"content":""}', "content"), ('{"content":7}', "content"),
                        (json.dumps({"content": "x" * 65_537}), "content"), (json.dumps({"content": "a\0b"}), "content"),
                        (json.dumps({"content": "Hello", "ticket_id": another["id"]}), "ticket_id"),
                        (json.dumps({"content": "Hello", "ticket_id": another["number"]}), "ticket_id")]:
                    await socket.send(frame)
                    answer = await hear(socket)
                    assert sorted(answer) == ["error", "errors", "message"] and answer["error"] == "BAD_REQUEST", frame
                    assert [fault["location"] for fault in answer["errors"]] == [location], frame
                await socket.send(b'{"content":"in bytes"}')
                assert (await hear(socket))["error"] == "BAD_REQUEST"
                await say(socket, "x" * 65_536, colour="red")
                assert len((await hear(socket))["content"]) == 65_536

        asyncio.run(talk())
        assert len(desk.customer.get(f"/tickets/{ticket['id']}/comments").json["items"]) == 1
        assert desk.customer.get(f"/tickets/{another['id']}/comments").json["items"] == []

    def test_nor_is_what_is_said_too_often(self, start):
        martlet = start(DEMO="on", RATE_LIMIT=12, AUTH_RATE_LIMIT=0)
        client = Client(martlet)
        client.token = client.post("/auth/login", {"email": "alice", "password": "alice123"}).json["access_token"]
        ticket = client.post("/tickets", {"title": "x", "description": "x"}).json

        async def talk():
            async with chat(client, ticket) as socket:
                for _ in range(30):
                    await say(socket, "Hello")
                return [await hear(socket) for _ in range(30)]

        answers = asyncio.run(talk())
        refused = [answer for answer in answers if answer.get("error") == "RATELIMIT"]
        # Two minutes' worth at most, when the clock goes on to the next while they talk.
        assert 6 <= len(refused) < 30 and all("12 per 1 minute" in answer["message"] for answer in refused)

    @pytest.mark.parametrize("engine", ENGINES)
    def test_nor_is_what_a_closed_ticket_does_not_take(self, engine, tmp_path):
        with running_desk(engine, tmp_path, REOPEN_DAYS=0) as desk:
            ticket = desk.ticket()
            assert desk.agent.patch(f"/tickets/{ticket['id']}", {"status": "closed"}).status == 200

            async def talk():
                async with chat(desk.customer, ticket) as socket:
                    await say(socket, "It burns again.")
                    answer = await hear(socket)
                    assert (answer["error"], "open a new one" in answer["message"]) == ("CONFLICT", True)
                    assert desk.agent.patch(f"/tickets/{ticket['id']}", {"status": "open"}).status == 200
                    await say(socket, "It burns again.")
                    assert (await hear(socket))["content"] == "It burns again."

            asyncio.run(talk())

    def test_what_is_said_opens_a_ticket_again_that_was_closed_lately(self, desk):
        ticket = desk.ticket()
        assert desk.agent.patch(f"/tickets/{ticket['id']}", {"status": "closed"}).status == 200

        async def talk():
            async with chat(desk.customer, ticket) as socket:
                await say(socket, "It burns again.")
                assert (await hear(socket))["content"] == "It burns again."

        asyncio.run(talk())
        assert desk.customer.get(f"/tickets/{ticket['id']}").json["status"] == "open"


def refusal(client, ticket, token=None):
    """Status and error of a handshake that is refused before the upgrade."""

    async def try_it():
        async with chat(client, ticket, token):
            return None

    try:
        return asyncio.run(try_it())
    except InvalidStatus as fault:
        return fault.response.status_code, json.loads(fault.response.body)["error"]


class TestWhoMayTalk:
    def test_requester_and_staff(self, desk):
        ticket = desk.ticket()
        for client in (desk.customer, desk.agent, desk.colleague, desk.admin):
            assert refusal(client, ticket) is None
        assert refusal(desk.other, ticket) == (404, "NOT_FOUND")

    def test_who_is_nobody(self, desk):
        ticket = desk.ticket()
        assert refusal(desk.customer, ticket, "bad") == (401, "UNAUTHORIZED")
        answer = desk.anonymous.get(
            f"/ws/tickets/{ticket['id']}", upgrade="websocket", connection="Upgrade", sec_websocket_version="13",
            sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==")
        assert (answer.status, answer["www-authenticate"]) == (401, "Bearer")
        assert desk.customer.get(f"/ws/tickets/{ticket['id']}").status == 426

    def test_a_ticket_that_is_none(self, desk):
        for name in (str(uuid.uuid4()), "nothing", "0"):
            assert refusal(desk.admin, name) == (404, "NOT_FOUND")

    def test_a_key_for_reading_listens_and_does_not_talk(self, desk):
        ticket = desk.ticket()
        key = desk.agent.post("/api-keys", {"name": "ears", "scopes": ["read"]}).json["key"]

        async def talk():
            async with chat(desk.agent, ticket, key) as socket:
                await say(socket, "Hello")
                assert (await hear(socket))["error"] == "FORBIDDEN"
                desk.comment(ticket, content="Anybody there?")
                assert (await hear(socket))["content"] == "Anybody there?"

        asyncio.run(talk())

    @pytest.mark.parametrize("engine", ENGINES)
    def test_agents_who_are_kept_to_their_own_work(self, engine, tmp_path):
        with running_desk(engine, tmp_path, AGENT_SCOPE="assigned") as desk:
            ticket = desk.ticket()

            def assign(person):
                assert desk.admin.post(f"/tickets/{ticket['id']}/assign", {"agent_id": person}).status == 200

            # Nobody's: they see it, and do not talk on it.
            assert refusal(desk.agent, ticket) == (403, "FORBIDDEN")
            assign(desk.colleague.id)
            assert refusal(desk.agent, ticket) == (404, "NOT_FOUND")
            assert refusal(desk.colleague, ticket) is refusal(desk.admin, ticket) is None

            async def talk(loses):
                assign(desk.agent.id)
                async with chat(desk.agent, ticket) as socket:
                    await say(socket, "Hello")
                    assert (await hear(socket))["content"] == "Hello"
                    loses()
                    desk.comment(ticket, content="Not for bob.")
                    code = await ended(socket)
                return code

            for loses in (lambda: assign(None), lambda: assign(desk.colleague.id)):
                assert asyncio.run(talk(loses)) == 1008

    def test_a_ticket_in_the_bin_is_no_place_to_talk(self, desk):
        ticket = desk.ticket()

        async def talk():
            async with chat(desk.customer, ticket) as socket:
                assert desk.admin.delete(f"/tickets/{ticket['id']}").status == 204
                return await ended(socket)

        assert asyncio.run(talk()) == 1008
        assert refusal(desk.customer, ticket) == (404, "NOT_FOUND")

    def test_who_signs_out_is_let_go(self, desk):
        person = desk.register("Ines", "Interim")
        ticket = desk.ticket(person)

        async def talk():
            async with chat(person, ticket) as socket:
                assert desk.anonymous.post("/api/v1/auth/logout", {"refresh_token": person.refresh}).status == 200
                return await ended(socket)

        assert asyncio.run(talk()) == 4401

    def test_no_token_is_logged(self, desk):
        ticket = desk.ticket()
        assert refusal(desk.customer, ticket) is None
        assert not any(desk.customer.token in json.dumps(line) for line in desk.martlet.lines)
