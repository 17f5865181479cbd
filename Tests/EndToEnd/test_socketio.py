"""Socket.IO 5 against a server of ours: by hand, as the protocol's own suite does, and with the Python client that others wrote."""

import json
import threading
import time

import pytest
import socketio

from conformance import Speaker, hear, hears_end


@pytest.fixture(scope="module")
def server():
    speaker = Speaker("socketio-conformance")
    yield speaker
    speaker.stop()


def enter(socket, namespace="/", payload=""):
    """Comes into a namespace; gives the socket's id and what `auth` told."""
    prefix = "" if namespace == "/" else namespace + ","
    socket.send(f"40{prefix}{payload}")
    answer = hear(socket)
    assert answer.startswith(f"40{prefix}{{")
    answer = json.loads(answer.removeprefix(f"40{prefix}"))
    assert list(answer) == ["sid"] and isinstance(answer["sid"], str)
    auth = hear(socket)
    assert auth.startswith(f"42{prefix}[")
    return answer["sid"], json.loads(auth.removeprefix(f"42{prefix}"))


@pytest.fixture
def socket(server):
    """A WebSocket that is in the main namespace."""
    with server.socket() as socket:
        socket.recv()
        enter(socket)
        yield socket


# Coming in


@pytest.mark.parametrize("namespace", ["/", "/custom"])
@pytest.mark.parametrize("payload,told", [("", {}), ('{"token":"123"}', {"token": "123"})])
def test_a_client_comes_in_and_its_auth_is_heard(server, namespace, payload, told):
    with server.socket() as socket:
        opening = json.loads(socket.recv()[1:])
        sid, auth = enter(socket, namespace, payload)
        assert auth == ["auth", told]
        assert sid != opening["sid"]


def test_a_client_is_in_several_namespaces(server, socket):
    enter(socket, "/custom")
    socket.send('42/custom,["message","there"]')
    assert hear(socket) == '42/custom,["message-back","there"]'
    socket.send('42["message","here"]')
    assert hear(socket) == '42["message-back","here"]'


def test_an_unknown_namespace_is_refused(server):
    with server.socket() as socket:
        socket.recv()
        socket.send("40/random")
        assert hear(socket) == '44/random,{"message":"Invalid namespace"}'
        enter(socket)


def test_who_may_not_come_in_hears_why(server):
    with server.socket() as socket:
        socket.recv()
        socket.send('40/closed,{"token":"guess"}')
        assert hear(socket) == '44/closed,{"message":"Not authorized","data":{"code":7}}'
        enter(socket, "/closed", '{"token":"open sesame"}')


def test_who_comes_into_no_namespace_is_let_go(server):
    with server.socket() as socket:
        begin = time.monotonic()
        socket.recv()
        # The heart must not be what ends it.
        with pytest.raises(Exception, match="received 1000"):
            while True:
                hear(socket)
        assert time.monotonic() - begin > 0.9


def test_to_come_in_twice_ends_the_session(socket):
    socket.send("40")
    assert hears_end(socket)


BAD = [
    "4abc", "4", "47", "4-1", "49[]", '42{"a":1}', "42[]", "42", '42"a"', "42[1.5]", "42[null]", '42["connect"]', '42["disconnecting"]',
    '42["a"', '42["a"]x', "43[1]", "431", '431{"a":1}', "44", '40[1]', '40"a"', "40null", '41{"a":1}', "411", '42/other,["message"]',
    '42/custom,["message"]', '45["message"]', '45-["message"]', '451["message"]', '4517-["message",{"_placeholder":true,"num":0}]',
    '45999999999999999999-["message"]', '429999999999999999["message"]', "42[" * 40, "40/" + "x" * 200, '42["message",{"a":1,"a":2}]',
    "42[\"message\",\"\\ud800\"]", '44{"message":"no"}', b"\x01\x02",
]


@pytest.mark.parametrize("packet", BAD)
def test_an_invalid_packet_ends_the_session(socket, packet):
    socket.send(packet)
    assert hears_end(socket)


def test_an_event_before_anybody_came_in_ends_the_session(server):
    with server.socket() as socket:
        socket.recv()
        socket.send('42["message"]')
        assert hears_end(socket)


BAD_ATTACHMENTS = [
    ('451-["message",{"_placeholder":true,"num":0}]', '42["message"]'),
    ('451-["message",{"_placeholder":true,"num":1}]', b"a"),
    ('451-["message",{"_placeholder":true,"num":-1}]', b"a"),
    ('451-["message",{"_placeholder":true,"num":"0"}]', b"a"),
    ('451-["message",{"_placeholder":true}]', b"a"),
    ('451-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]', b"a"),
    ('451-["message"]', b"a"),
    ('451-["message",', b"a"),
]


@pytest.mark.parametrize("head,rest", BAD_ATTACHMENTS)
def test_bytes_that_do_not_belong_end_the_session(socket, head, rest):
    socket.send(head)
    socket.send(rest)
    assert hears_end(socket)


def test_the_attachments_of_a_packet_are_bounded_together(socket):
    places = ",".join('{"_placeholder":true,"num":%d}' % number for number in range(3))
    socket.send(f'453-["message",{places}]')
    socket.send(b"x" * 400_000)
    socket.send(b"x" * 400_000)
    socket.send(b"x" * 400_000)
    assert hears_end(socket)


# Leaving


def test_a_client_leaves_the_main_namespace_and_keeps_its_connection(socket):
    socket.send("41")
    assert hear(socket, ignoring_pings=False) == "2"


def test_a_client_leaves_a_namespace_and_stays_in_another(socket):
    enter(socket, "/custom")
    socket.send("41/custom")
    socket.send('42["message","message to main namespace"]')
    assert hear(socket) == '42["message-back","message to main namespace"]'


def test_a_client_comes_back(socket):
    socket.send("41")
    enter(socket, "/", '{"again":true}')


def test_the_server_sends_a_client_out_of_a_namespace(socket):
    enter(socket, "/custom")
    socket.send('42/custom,["leave"]')
    # What the client said before it knew is not held against it.
    socket.send('42/custom,["message","too late"]')
    assert hear(socket) == "41/custom,"
    socket.send('42["message","here"]')
    assert hear(socket) == '42["message-back","here"]'


def test_the_server_ends_the_session(socket):
    socket.send('42["leave",true]')
    assert hear(socket) == "41"
    assert hears_end(socket)


def test_the_server_ends_a_session_of_long_polling(server):
    sid = server.open_polling()
    assert server.post(sid, "40").status == 200
    assert server.poll(sid).body.startswith(b"40{")
    assert server.post(sid, '42["leave",true]').status == 200
    heard = server.poll(sid).body
    assert heard.removeprefix(b'42["auth",{}]\x1e') == b"41\x1e1"
    assert server.poll(sid).status == 400


# Events


EVENTS = ['1,"2",{"3":[true]}', "", "null", "0.5,-1,1e2", '"ä€𝄞","\\u001e"', '{"_placeholder":true,"num":0}', '[[[]]],{"a":{}}']


@pytest.mark.parametrize("arguments", EVENTS)
def test_an_event_comes_back(socket, arguments):
    socket.send(f'42["message"{"," if arguments else ""}{arguments}]')
    heard = hear(socket)
    assert heard.startswith('42["message-back"')
    assert json.loads(heard[2:])[1:] == json.loads(f"[{arguments}]")


def test_an_event_keeps_its_members_order(socket):
    socket.send('42["message",{"z":1,"a":2,"m":{"y":3,"b":4}}]')
    assert hear(socket) == '42["message-back",{"z":1,"a":2,"m":{"y":3,"b":4}}]'


def test_an_event_is_acknowledged(socket):
    socket.send('42456["message-with-ack",1,"2",{"3":[false]}]')
    assert hear(socket) == '43456[1,"2",{"3":[false]}]'
    socket.send('420["message-with-ack"]')
    assert hear(socket) == "430[]"


def test_an_event_that_nobody_knows_is_not_answered(socket):
    socket.send('421["unknown"]')
    socket.send('42["message"]')
    assert hear(socket) == '42["message-back"]'


PLACES = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'


def test_bytes_come_back(socket):
    socket.send(f'452-["message",{PLACES}]')
    socket.send(b"\x01\x02\x03")
    socket.send(b"\x04\x05\x06")
    assert hear(socket) == f'452-["message-back",{PLACES}]'
    assert (hear(socket), hear(socket)) == (b"\x01\x02\x03", b"\x04\x05\x06")


def test_bytes_are_acknowledged(socket):
    socket.send(f'452-789["message-with-ack",{PLACES}]')
    socket.send(b"\x01\x02\x03")
    socket.send(b"\x04\x05\x06")
    assert hear(socket) == f"462-789[{PLACES}]"
    assert (hear(socket), hear(socket)) == (b"\x01\x02\x03", b"\x04\x05\x06")


def test_bytes_stand_anywhere_and_in_any_order(socket):
    socket.send('452-["message",{"b":{"_placeholder":true,"num":1},"a":[{"_placeholder":true,"num":0}]}]')
    socket.send(b"zero")
    socket.send(b"one")
    assert hear(socket) == '452-["message-back",{"b":{"_placeholder":true,"num":0},"a":[{"_placeholder":true,"num":1}]}]'
    assert (hear(socket), hear(socket)) == (b"one", b"zero")


def test_bytes_go_over_long_polling(server):
    sid = server.open_polling()
    assert server.post(sid, "40").status == 200
    assert server.poll(sid).body.startswith(b"40{")
    assert server.post(sid, '451-["message",{"_placeholder":true,"num":0}]\x1ebAQID\x1e3').status == 200
    heard = b""
    while b"message-back" not in heard:
        heard = server.poll(sid).body
    assert heard.split(b"\x1e")[-2:] == [b'451-["message-back",{"_placeholder":true,"num":0}]', b"bAQID"]


def test_the_server_asks_and_is_answered(socket):
    socket.send('42["ask","how many"]')
    assert hear(socket) == '421["question",["how many"]]'
    socket.send('431["seven"]')
    assert hear(socket) == '42["answered","seven"]'
    # A second answer is to a question that is over.
    socket.send('431["eight"]')
    socket.send('42["message"]')
    assert hear(socket) == '42["message-back"]'


def test_the_server_asks_and_is_not_answered(socket):
    socket.send('42["ask","how many"]')
    assert hear(socket) == '421["question",["how many"]]'
    assert hear(socket) == '42["unanswered"]'


def test_many_events_at_once_keep_their_order(socket):
    for number in range(3000):
        socket.send(f'42["message",{number}]')
    for number in range(3000):
        assert hear(socket) == f'42["message-back",{number}]'


# Bounds


def test_what_many_slow_clients_are_sent_fills_no_memory(server):
    """A flood is more than may wait for anybody: each of these is let go, and only its own part of the memory was ever used."""
    before = server.rss()
    for _ in range(20):
        with server.socket() as slow:
            slow.recv()
            enter(slow)
            slow.send('42["flood",500,100000]')
            assert hears_end(slow)
    assert server.rss() < before + 30_000_000


# The client that others wrote


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]], ids=["polling", "websocket", "upgrade"])
class TestPythonClient:
    @pytest.fixture
    def client(self, server, transports):
        client = socketio.Client(reconnection=False)
        client.heard = []
        client.rings = threading.Condition()

        def note(name, namespace="/"):
            def heard(*arguments):
                with client.rings:
                    client.heard.append((namespace, name, *arguments))
                    client.rings.notify_all()

            client.on(name, heard, namespace=namespace)

        for name in ["auth", "message-back", "drop", "answered", "unanswered"]:
            note(name)
        note("auth", "/custom")
        note("message-back", "/custom")
        client.connect(
            f"http://{server.host}:{server.port}", transports=transports, namespaces=["/", "/custom"], auth={"token": "t"}, wait_timeout=5)
        yield client
        client.disconnect()

    def hear(self, client, event, seconds=5):
        with client.rings:
            assert client.rings.wait_for(lambda: event in client.heard, seconds), client.heard

    def test_it_comes_in_and_is_told_its_auth(self, client):
        self.hear(client, ("/", "auth", {"token": "t"}))
        self.hear(client, ("/custom", "auth", {"token": "t"}))

    def test_events_go_both_ways(self, client):
        client.emit("message", (1, "zwei", {"drei": [True, None]}))
        self.hear(client, ("/", "message-back", 1, "zwei", {"drei": [True, None]}))
        client.emit("message", "there", namespace="/custom")
        self.hear(client, ("/custom", "message-back", "there"))

    def test_bytes_go_both_ways(self, client):
        client.emit("message", {"name": "a.bin", "data": bytes(range(256))})
        self.hear(client, ("/", "message-back", {"name": "a.bin", "data": bytes(range(256))}))

    def test_it_is_acknowledged(self, client):
        assert client.call("message-with-ack", ("a", b"\x00\xff"), timeout=5) == ("a", b"\x00\xff")

    def test_it_is_asked_and_answers(self, client):
        client.on("question", lambda arguments: ["answer to", arguments[0]])
        client.emit("ask", "anything")
        self.hear(client, ("/", "answered", ["answer to", "anything"]))

    def test_it_lives_through_many_heartbeats(self, client):
        time.sleep(1.5)
        assert client.connected
        client.emit("message", "alive")
        self.hear(client, ("/", "message-back", "alive"))

    def test_it_is_sent_away(self, client):
        gone = threading.Event()
        client.on("disconnect", gone.set)
        client.emit("leave", True)
        assert gone.wait(5)
