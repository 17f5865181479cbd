"""The ticket routes under load: the same operation on the same made-up desk, for us and for the peers, round by round."""

import http.client
import json
import random

from . import desk as desks
from .bench import median, ratio
from .places import FOLDER
from .processes import Failed
from .report import Section

SCRIPT = FOLDER / "clients/tickets.lua"
KINDS = {"get": "get", "page": "get", "post": "post", "comment": "comment"}
COLUMNS = ["", "requests/s", "p50 ms", "p99 ms", "CPU µs", "PostgreSQL µs", "RSS MiB", "our rate ÷ its", "our CPU ÷ its"]
# The load's titles end like this one, and the desk's in a number.
NEW = {"title": "Printer prints every page twice", "description": "It began this morning.", "category": "hardware", "type": "incident"}


def script_arguments(desk, kind, path, token, pace=None):
    """What clients/tickets.lua wants to know. Each run asks for other tickets."""
    words = [kind, path, token, desk.tickets, desks.FIRST, desk.step, random.randrange(2**31)]
    return words if pace is None else [*words, pace]


class Caller:
    """Somebody who is signed in, one request at a time, to see that the answers are right before they are counted."""

    def __init__(self, server, token):
        self.port, self.token = server.port, token

    def ask(self, method, path, body=None, expected=200):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Authorization": f"Bearer {self.token}", **({"Content-Type": "application/json"} if body else {})}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != expected:
                raise Failed(f"{method} {path} was answered with {answer.status}, not {expected}: {text[:300]!r}")
            return json.loads(text)
        finally:
            connection.close()


def check(operation, caller, peer, desk):
    """That the operation does what it says; a fast wrong answer is worth nothing."""
    path = peer.ROUTES[operation]
    number = random.randrange(desk.tickets // 20) * 20 + 5
    try:
        {"get": check_get, "page": check_page, "post": check_post, "comment": check_comment}[operation](caller, peer, desk, path, number)
    except (AssertionError, KeyError) as wrong:
        raise Failed(f"{peer.__name__} answers {operation} wrongly: {wrong!r}") from None


def check_get(caller, peer, desk, path, number):
    for number in (1, number, desk.tickets):
        expected, found = desk.ticket(number), caller.ask("GET", path.replace("{id}", desk.ticket_id(number)))
        for field in ("id", "title", "description", "status", "priority"):
            same(found[field], getattr(expected, field))
    caller.ask("GET", path.replace("{id}", desks.made_id(desks.FIRST, 4_000_000_000)), expected=404)


def check_page(caller, peer, desk, path, number):
    found = peer.items(caller.ask("GET", path))
    same([ticket["status"] for ticket in found], ["open"] * 20)
    same([ticket["created_at"] for ticket in found], sorted((ticket["created_at"] for ticket in found), reverse=True))
    # Those that earlier runs opened come first, and then the desk's own without a gap.
    expected = [desk.ticket_id(number) for number in desk.newest_open(20)]
    own = [ticket["id"] for ticket in found if not ticket["title"].endswith(NEW["title"][-22:])]
    same(own, expected[: len(own)])


def check_post(caller, peer, desk, path, number):
    made = caller.ask("POST", path, NEW, expected=201)
    found = caller.ask("GET", peer.ROUTES["get"].replace("{id}", made["id"]))
    for ticket in (made, found):
        for field, value in {**NEW, "status": "open", "id": made["id"]}.items():
            same(ticket[field], value)
    caller.ask("POST", path, {**NEW, "title": "x" * 256}, expected=peer.BAD_BODY)


def check_comment(caller, peer, desk, path, number):
    made = caller.ask("POST", path.replace("{id}", desk.ticket_id(number)), {"content": "It works again."}, expected=201)
    same((made["content"], made["ticket_id"]), ("It works again.", desk.ticket_id(number)))


def same(found, expected):
    assert found == expected, f"{found!r} in place of {expected!r}"


def run_one(bench, name, operation, desk, engine="postgres", **options):
    """One measured run of that operation. Refuses to go on after an answer that was not right."""
    env, postgres = bench.filled(name, desk, engine), bench.postgres if engine == "postgres" else None
    if postgres:
        postgres.settle()
    with bench.start(name, env=env) as server:
        found = measure(bench, server, name, operation, desk, postgres, env, **options)
    return found


def measure(bench, server, name, operation, desk, postgres, env, path=None, **options):
    """The same on a server that runs already."""
    peer = bench.peer(name)
    token = peer.token(server, desk)
    check(operation, Caller(server, token), peer, desk)
    before = rows(postgres, env, operation)
    arguments = script_arguments(desk, KINDS[operation], path or peer.ROUTES[operation], token)
    found = bench.measure(server, script=SCRIPT, arguments=arguments, postgres=postgres, **options)
    if found.errors:
        raise Failed(f"{name} failed {found.errors} of {found.requests:,} requests of {operation}")
    # The warm-up's rows come on top.
    if before is not None and rows(postgres, env, operation) - before < found.requests:
        raise Failed(f"{name} acknowledged more than it wrote")
    return found


def rows(postgres, env, operation):
    """How many rows PostgreSQL has inserted so far where the operation should insert one."""
    table = {"post": "tickets", "comment": "comments"}.get(operation)
    if not (postgres and table):
        return None
    database = env["DATABASE_URL"].rpartition("/")[2]
    return int(postgres.sql(database, f"SELECT count(*) FROM {table}"))


def compare(bench, operation, title, peers, desk):
    """{arm: [Measured]}, and the section with their table."""
    arms = [bench.subject, *(peer for peer in peers if peer != bench.subject)]
    for arm in arms:
        bench.filled(arm, desk)
    results = bench.alternate(arms, lambda name: run_one(bench, name, operation, desk))
    ours = results[bench.subject]
    return results, Section(
        title,
        f"{desk.tickets:,} tickets, {desk.comments:,} comments, {desk.people:,} people in PostgreSQL, which writes to the disk before it "
        f"acknowledges; 64 keep-alive connections, each request for another ticket; median of {bench.rounds} alternating runs of "
        f"{bench.seconds} s. The server has one core, wrk the other, and PostgreSQL takes of both what it needs, so that requests a second "
        "tell what all of it costs together. Every answer was checked to be a success, and some of each run for what they say.",
        COLUMNS, [row(name, rounds, ours) for name, rounds in results.items()],
        bars=[(name, median(rounds, "user"), median(rounds, "system")) for name, rounds in results.items()])


def row(name, results, ours):
    rate, p50, p99, cpu, database, rss = (median(results, figure) for figure in ("rate", "p50", "p99", "cpu", "database", "rss"))
    cells = [name, f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{cpu:.2f}", f"{database:.2f}", f"{rss:.1f}"]
    if results is ours:
        return [*cells, "1", "1"]
    return [*cells, f"{ratio(ours, results, 'rate'):.2f}", f"{ratio(ours, results, 'cpu'):.2f}"]
