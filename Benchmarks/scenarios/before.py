"""What a request costs beside an earlier build of ours, in alternating rounds: what a change has made dearer shows here and nowhere else.
Only on demand: `BENCH_BEFORE=CHECKOUT BENCH_ONLY=before make bench`, where the checkout of the earlier version has its release built."""

import dataclasses

from harness.bench import FOLDER, load_module, median, ratio
from harness.comparison import compare as compare_health
from harness.desk import Desk
from harness.report import Section, Target
from harness.ticket_load import run_one

order = 90

NOW, BEFORE = "martlet", "martlet_before"
OPERATIONS = [
    ("GET /tickets/{id}, PostgreSQL", "get", "postgres"), ("a page of tickets, PostgreSQL", "page", "postgres"),
    ("POST /tickets, PostgreSQL", "post", "postgres"), ("a comment, PostgreSQL", "comment", "postgres"),
    ("GET /tickets/{id}, SQLite", "get", "sqlite"), ("a page of tickets, SQLite", "page", "sqlite"),
    ("POST /tickets, SQLite", "post", "sqlite"), ("a comment, SQLite", "comment", "sqlite")]
# What a change may cost of what is there already.
MOST = 1.05


def figures(bench, desk):
    """By name: the rounds of now and of before, of each scenario in its turn."""
    yield "GET /health", compare_health(bench, [BEFORE])
    yield "GET /health, 16 deep", compare_health(bench, [BEFORE], script=FOLDER / "clients/pipeline.lua")
    for name, operation, engine in OPERATIONS:
        for arm in (NOW, BEFORE):
            bench.filled(arm, desk, engine)
        yield name, bench.alternate([NOW, BEFORE], lambda arm: run_one(bench, arm, operation, desk, engine))
    chat = load_module(FOLDER / "scenarios/chat.py")
    program = chat.client()
    for engine, loops in (("postgres", 1), ("sqlite", 2)):
        rounds = bench.alternate([NOW, BEFORE], lambda arm: chat.once(bench, program, (arm, engine, loops), desk))
        yield f"a message of the chat, {engine}", {arm: [WithTotal(talked) for talked in talks] for arm, talks in rounds.items()}


@dataclasses.dataclass
class WithTotal:
    talked: object

    @property
    def rate(self):
        return self.talked.rate

    @property
    def p99(self):
        return self.talked.p99

    @property
    def total(self):
        return self.talked.cpu + self.talked.database


def run(bench):
    rows, targets = [], []
    for name, results in figures(bench, Desk()):
        now, before = results[NOW], results[BEFORE]
        rows.append([name, *(f"{median(rounds, 'total'):.2f}" for rounds in (before, now)), f"{ratio(now, before, 'total'):.3f}",
                     *(f"{median(rounds, 'rate'):,.0f}" for rounds in (before, now)), f"{ratio(now, before, 'rate'):.3f}"])
        print(f"   {name}: CPU {rows[-1][3]}, rate {rows[-1][6]}", flush=True)
        targets.append(Target(f"CPU of {name} beside before", ratio(now, before, "total"), MOST, " ×"))
    return Section(
        "Beside an earlier build", f"CPU time of server and PostgreSQL; median of {bench.rounds} alternating runs of {bench.seconds} s, each on a "
        "server started afresh. Ratios are medians of the ratios of each round.",
        ["", "CPU µs before", "CPU µs now", "ratio", "a second before", "a second now", "ratio"], rows, targets=targets)
