"""Search over a large desk: what does it cost beside the bare query, what does it cost those who ask for something else, and what
does the index cost those who write?"""

import concurrent.futures
import contextlib
import itertools
import random
import re
import sqlite3
import statistics
import time

from harness.bench import median, ratio
from harness.desk import FAULTS, PRODUCTS, Desk
from harness.load import milliseconds, run_wrk, wrk_says
from harness.places import FOLDER
from harness.processes import Failed
from harness.report import Section, Target
from harness.ticket_load import SCRIPT, Caller, measure, script_arguments
from harness.warmth import warm

# Before what fills the desk with tickets that say other things.
order = 29

ENGINES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
CALLERS = {"staff": 1, "a customer": 1, "staff, 8 at once": 8, "a customer, 8 at once": 8}
READERS, PACE, SEARCHERS = 16, 10, 8
PAIRS = list(itertools.product(PRODUCTS, FAULTS))
# The same match and the same limits as the server's first look, on each index; then the twenty of a page, with their snippets.
SQLITE_SHEAF = """
    SELECT {index}.rowid AS place, {number} AS number FROM {index} {join}
    WHERE {index} MATCH '{{match}}' AND t.deleted_at IS NULL ORDER BY {index}.rowid DESC LIMIT 200"""
SQLITE = [
    SQLITE_SHEAF.format(index="ticket_search", number="t.number", join="CROSS JOIN tickets t ON t.number = ticket_search.rowid"),
    SQLITE_SHEAF.format(
        index="comment_search", number="t.number",
        join="CROSS JOIN comments c ON c.seq = comment_search.rowid CROSS JOIN tickets t ON t.id = c.ticket_id"),
]
SQLITE_PAGE = """
    SELECT rowid, snippet({index}, {column}, '<', '>', '', 24) FROM {index}
    WHERE {index} MATCH '{match}' AND rowid BETWEEN {first} AND {last} AND +rowid IN ({places})"""
POSTGRES = [
    """SELECT s.number, ts_rank(s.vector, q) FROM ticket_search s JOIN tickets t ON t.number = s.number, (SELECT {match} AS q) question
    WHERE s.vector @@ q AND t.deleted_at IS NULL ORDER BY s.number + 0 DESC LIMIT 200;""",
    """SELECT t.*, ts_headline('english', t.description, {match}) FROM ticket_search s JOIN tickets t ON t.number = s.number
    WHERE t.number = ANY (ARRAY(SELECT number FROM ticket_search WHERE vector @@ ({match}) ORDER BY number + 0 DESC LIMIT 10));""",
    """SELECT c.seq, t.number, ts_rank(c.vector, q) FROM comments c JOIN tickets t ON t.id = c.ticket_id, (SELECT {match} AS q) question
    WHERE c.vector @@ q AND t.deleted_at IS NULL ORDER BY c.seq + 0 DESC LIMIT 200;""",
    """SELECT t.*, ts_headline('english', c.content, {match}) FROM comments c JOIN tickets t ON t.id = c.ticket_id
    WHERE c.seq = ANY (ARRAY(SELECT seq FROM comments WHERE vector @@ ({match}) ORDER BY seq + 0 DESC LIMIT 10));""",
]


class Searched:
    """What callers saw, in milliseconds."""

    def __init__(self, text):
        found = {percent: re.search(rf"^\s+{percent}%\s+(\S+)\s*$", text, re.MULTILINE) for percent in (50, 95)}
        if not all(found.values()) or re.search("Non-2xx|Socket errors", text):
            raise Failed(f"searches went wrong: {text[-400:]}")
        self.p50, self.p95 = (milliseconds(match[1]) for match in found.values())


class Desks:
    """The desk on one engine, and who asks there."""

    def __init__(self, bench, engine):
        self.bench, self.engine, self.desk = bench, engine, Desk(bench.size, 5 * bench.size)
        self.env, self.peer = bench.filled("martlet", self.desk, engine), bench.peer("martlet")
        self.postgres = bench.postgres if engine == "postgres" else None
        warm(self.env, self.postgres)

    def start(self):
        return self.bench.start("martlet", env=self.env)

    def token(self, server, who="staff"):
        return self.peer.token(server, self.desk) if who.startswith("staff") else self.peer.customer_token(self.desk)

    def search(self, server, who, callers, seconds):
        words = [self.token(server, who), random.randrange(2**31), ",".join(PRODUCTS), ",".join(FAULTS)]
        url = f"http://127.0.0.1:{server.port}"
        return Searched(wrk_says(url, seconds, callers, self.bench.load_core, FOLDER / "clients/searches.lua", words))


def check(desks, server):
    """What is found holds both words, and what is counted is what was loaded."""
    product, fault = random.choice(PAIRS)
    rows = desks.desk
    for who in ("staff", "a customer"):
        found = Caller(server, desks.token(server, who)).ask("GET", f"/search/tickets?query={product}+{fault}&limit=100&count=true")
        if not all(f"<mark>{product}</mark>" in item["snippet"] for item in found["items"]) or (who == "staff" and not found["items"]):
            raise Failed(f"{product} {fault} finds what it should not: {found['items'][:1]}")
        expected = rows.tickets * 0.01 / (1 if who == "staff" else (rows.people - 51))
        if rows.tickets >= 10_000 and not expected / 2 - 5 < min(found["total"], 10_000) < expected * 2 + 5:
            raise Failed(f"{product} {fault} finds {found['total']} tickets for {who}, and not about {expected:.0f}")


def searches(desks):
    """{caller: Searched} on one server."""
    with desks.start() as server:
        check(desks, server)
        desks.search(server, "staff", 1, 2)
        return {who: desks.search(server, who, callers, desks.bench.seconds) for who, callers in CALLERS.items()}


def bare(desks):
    """How long the database itself takes for the same: the median over the pairs, in milliseconds."""
    pairs = random.sample(PAIRS, 40)
    return statistics.median((bare_postgres if desks.postgres else bare_sqlite)(desks, pairs))


def bare_sqlite(desks, pairs):
    file = desks.env["DATABASE_URL"].removeprefix("sqlite:")
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.create_collation("C", lambda a, b: (a > b) - (a < b))
        # As the server has it where it searches.
        connection.execute("PRAGMA cache_size = -4000")
        return [time_of(connection, pair) for pair in [*pairs[:5], *pairs]][5:]


def time_of(connection, pair):
    match = '"{}" AND "{}"'.format(*pair)
    began = time.perf_counter()
    for question, index, column in zip(SQLITE, ("ticket_search", "comment_search"), (2, 0)):
        page = connection.execute(question.format(match=match)).fetchall()[:10]
        found = connection.execute(SQLITE_PAGE.format(
            index=index, column=column, match=match, first=page[-1][0], last=page[0][0], places=listed(place for place, _ in page)))
        found.fetchall()
        connection.execute(f"SELECT * FROM tickets WHERE number IN ({listed(number for _, number in page)})").fetchall()
    return 1000 * (time.perf_counter() - began)


def listed(numbers):
    return ",".join(map(str, numbers)) or "0"


def bare_postgres(desks, pairs):
    text = "\\timing on\nSET jit = off;\n"
    for pair in [*pairs[:5], *pairs]:
        match = "phraseto_tsquery('english', '{}') && phraseto_tsquery('english', '{}')".format(*pair)
        text += "".join("\\o /dev/null\n" + question.format(match=match) + "\n" for question in POSTGRES)
    # \timing goes where psql's answers go, but for \o.
    said = [float(time) for time in re.findall(r"Time: ([0-9.]+) ms", desks.postgres.sql(desks.peer.search_index.name(desks.env), text))][1:]
    return [sum(said[start:start + len(POSTGRES)]) for start in range(0, len(said), len(POSTGRES))][5:]


def reads(desks, beside):
    """Reads of single tickets, with and without searches."""
    bench, peer = desks.bench, desks.peer
    with desks.start() as server, concurrent.futures.ThreadPoolExecutor() as pool:
        url = f"http://127.0.0.1:{server.port}"
        words = script_arguments(desks.desk, "get", peer.ROUTES["get"], desks.token(server), PACE)
        desks.search(server, "staff", 1, 1)
        searching = pool.submit(desks.search, server, "staff", SEARCHERS, bench.seconds + 2) if beside else None
        run_wrk(url, 1, READERS, bench.load_core, SCRIPT, words)
        _, rate, p50, p99, errors = run_wrk(url, bench.seconds, READERS, bench.load_core, SCRIPT, words)
        if searching:
            searching.result()
    if errors:
        raise Failed(f"martlet failed {errors} reads")
    return Read(rate, p50, p99)


class Read:
    def __init__(self, rate, p50, p99):
        self.rate, self.p50, self.p99 = rate, p50, p99


def comments(desks, is_indexed):
    """What it costs to write comments, with the index and without."""
    index = desks.peer.search_index
    (index.go_on if is_indexed else index.stop)(desks.env, desks.postgres)
    try:
        if desks.postgres:
            desks.postgres.settle()
        with desks.start() as server:
            return measure(desks.bench, server, "martlet", "comment", desks.desk, desks.postgres, desks.env)
    finally:
        index.go_on(desks.env, desks.postgres)


def run(bench):
    rows, targets = [], []
    for engine, name in ENGINES.items():
        desks = Desks(bench, engine)
        found = bench.alternate(["searches", "bare"], lambda arm: {"searches": searches, "bare": bare}[arm](desks))
        alone = statistics.median(found["bare"])
        rows.append([f"{name}: the bare query", f"{alone:.2f}", "", ""])
        for who in CALLERS:
            p50, p95 = (statistics.median(getattr(one[who], figure) for one in found["searches"]) for figure in ("p50", "p95"))
            rows.append([f"{name}: a search by {who}", f"{p50:.2f}", f"{p95:.2f}", ""])
        beside = statistics.median(one["staff"].p50 / bare for one, bare in zip(found["searches"], found["bare"]))
        quiet = bench.alternate([False, True], lambda arm: reads(desks, arm))
        for arm, label in ((False, "alone"), (True, f"beside {SEARCHERS} searches")):
            rows.append([f"{name}: a ticket, {label}", f"{median(quiet[arm], 'p50'):.2f}", "", f"{median(quiet[arm], 'p99'):.2f}"])
        print("\n".join("   " + "  ".join(row) for row in rows), flush=True)
        written = bench.alternate([True, False], lambda arm: comments(desks, arm))
        targets += [
            Target(f"p95 of a search on {name}", statistics.median(one["staff"].p95 for one in found["searches"]), 200, " ms"),
            Target(f"a search beside the bare query on {name}", beside, 1.5, " ×"),
            Target(f"p99 of a ticket beside {SEARCHERS} searches on {name}, to alone", ratio(quiet[True], quiet[False], "p99"), 2, " ×"),
            Target(f"CPU of a comment with the index on {name}, to without", ratio(written[True], written[False], "total"), 1.3, " ×"),
        ]
    return Section(
        "Search",
        f"{bench.size:,} tickets and {5 * bench.size:,} comments; each search is for another pair of words, which stand together in one "
        f"ticket of a hundred. The bare query is the same match and limit in SQLite's library or psql: the newest 200 rows of each index, "
        "and the twenty of a page with their snippets. The server has one core, PostgreSQL takes of both what it needs. Median of "
        f"{bench.rounds} alternating runs of {bench.seconds} s.",
        ["ms", "p50", "p95", "p99"], rows, targets=targets)
