"""Tickets opened on SQLite, each on the disk before it is acknowledged: many callers share a commit."""

from harness.bench import median, ratio
from harness.clients import Client
from harness.desk import Desk
from harness.places import FOLDER, WORK
from harness.report import Section, Target
from harness.ticket_load import run_one

order = 21

CALLERS = {"martlet, 64 callers": 64, "martlet, 1 caller": 1}
BARE = "one commit a row"


def once(bench, desk, arm):
    if arm in CALLERS:
        return run_one(bench, "martlet", "post", desk, "sqlite", connections=CALLERS[arm])
    # On the same disk as our database, and on the core that a server has.
    words = WORK / "martlet", FOLDER / "peers/tickets.sql", bench.seconds
    with Client(bench, "one_commit_each", *words, nice=0, cores=bench.server_core) as client:
        return Bare(**client.hear(bench.seconds + 30))


class Bare:
    def __init__(self, rate, p50, p99, cpu):
        self.rate, self.p50, self.p99, self.cpu = rate, p50, p99, cpu


def run(bench):
    desk = Desk()
    results = bench.alternate([*CALLERS, BARE], lambda arm: once(bench, desk, arm))
    many, one, bare = results["martlet, 64 callers"], results["martlet, 1 caller"], results[BARE]
    rows = [[arm, *(f"{median(rounds, figure):,.{digits}f}" for figure, digits in (("rate", 0), ("p50", 2), ("p99", 2), ("cpu", 1)))]
            for arm, rounds in results.items()]
    return Section(
        "POST /tickets on SQLite, durable",
        f"{desk.tickets:,} tickets are there; every answer comes after the row, its event and all else that belongs to it have been "
        "flushed to the disk. One commit a row is Python's sqlite3 with WAL and synchronous=FULL on the same disk, inserting one row into "
        f"a table with the peers' indexes, with nothing about it. Median of {bench.rounds} alternating runs of {bench.seconds} s.",
        ["", "posts/s", "p50 ms", "p99 ms", "CPU µs"], rows,
        targets=[
            Target("posts a second of 64 callers beside one, who has a commit for each", ratio(many, one, "rate"), least=12, unit=" ×"),
            Target("posts a second of 64 callers beside one commit a bare row", ratio(many, bare, "rate"), least=1.0, unit=" ×"),
        ])
