"""A hundred times the tickets: what does each request cost then?"""

import statistics
import urllib.parse

from harness.bench import median, ratio
from harness.desk import Desk
from harness.report import Section, Target
from harness.ticket_load import Caller, measure
from harness.warmth import warm

order = 30

SMALL, LARGE = Desk(10_000, 50_000), Desk(1_000_000, 5_000_000)
DEEP = 5_000
ENGINES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def once(bench, engine, desk):
    """{what: Measured} on one server, with "start" and "rss" of it."""
    name = bench.subject
    if desk is SMALL:
        # New tickets would soon make it large.
        bench.forget(name, desk, engine)
    env, postgres, peer = bench.filled(name, desk, engine), bench.postgres if engine == "postgres" else None, bench.peer(name)
    warm(env, postgres)
    if postgres:
        postgres.settle()
    found = {}
    with bench.start(name, env=env) as server:
        found["start"] = server.start_seconds
        asked = {"a ticket": ("get", None), "the first page": ("page", None)}
        if desk is LARGE:
            asked[f"page {DEEP:,}"] = ("page", deep_page(Caller(server, peer.token(server, desk)), peer))
        # Last, for then there are more tickets than the desk knows of.
        for what, (operation, path) in {**asked, "a new ticket": ("post", None)}.items():
            found[what] = measure(bench, server, name, operation, desk, postgres, env, path=path)
        found["rss"] = server.rss_mib()
    return found


def deep_page(caller, peer):
    """The path of a page far in, found by going there a hundred tickets at a time."""
    base, cursor = peer.ROUTES["page"], None
    for limit in [100] * (DEEP // 5 - 1) + [80]:
        path = base.replace("limit=20", f"limit={limit}") + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else "")
        cursor = caller.ask("GET", path)["next"]
    return f"{base}&cursor={urllib.parse.quote(cursor)}"


def run(bench):
    engines = ENGINES if bench.subject == "martlet" else {"postgres": ENGINES["postgres"]}
    rows, targets = [], []
    for engine, name in engines.items():
        bench.filled(bench.subject, LARGE, engine)
        results = bench.alternate([SMALL, LARGE], lambda desk: once(bench, engine, desk))
        small, large = results[SMALL], results[LARGE]
        for what in ("a ticket", "the first page", f"page {DEEP:,}", "a new ticket"):
            before = [one.get(what) or one["the first page"] for one in small]
            after = [one[what] for one in large]
            growth = ratio(before, after, "total") ** -1
            rows.append([f"{name}: {what}", *(f"{median(rounds, figure):,.{digits}f}" for figure, digits in (("total", 1), ("p99", 2))
                                              for rounds in (before, after)), f"{growth:.2f}"])
            targets.append(Target(f"CPU of {what} on {name}, at a hundred times the tickets", growth, 1.3, " ×"))
        targets += [
            Target(f"memory on {name}", max(one["rss"] for one in large), 300, " MiB"),
            Target(f"start on {name}", statistics.median(one["start"] for one in large), 1, " s"),
        ]
    return Section(
        "A million tickets",
        f"With {SMALL.tickets:,} tickets and {SMALL.comments:,} comments, and with {LARGE.tickets:,} and {LARGE.comments:,}: 64 keep-alive "
        f"connections, one core for the server; CPU is ours and PostgreSQL's together. Page {DEEP:,} is reached by its cursor, and is set "
        f"beside the first page of the small desk. Median of {bench.rounds} alternating runs of {bench.seconds} s.",
        ["", "CPU µs small", "large", "p99 ms small", "large", "CPU large ÷ small"], rows, targets=targets)
