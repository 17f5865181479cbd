"""Rooms of people who talk on tickets over WebSockets: each message is kept before anybody hears it."""

import contextlib
import dataclasses
import json
import random
import shutil
import sqlite3
import subprocess

from harness import ticket_load
from harness.bench import median, ratio
from harness.desk import Desk
from harness.places import FOLDER, WORK
from harness.processes import Failed, spawn, stop
from harness.report import Section, Target

order = 32

ROOMS, READERS = 64, 4
# Who serves, on what, with how many loops. SQLite's threads are in the server, and share both cores as PostgreSQL's processes do.
PEER, EMBEDDED = "fastapi_tickets", "martlet on SQLite"
ARMS = {EMBEDDED: ("martlet", "sqlite", 2), "martlet": ("martlet", "postgres", 1), PEER: (PEER, "postgres", 1)}
# Nearer to a whole core than this, it is the client that was measured.
MOST_BUSY = 0.9


@dataclasses.dataclass
class Talked:
    rate: float         # messages a second that all of their room have heard
    p50: float          # ms, from saying to the last ear
    p99: float
    user: float         # CPU µs a message, of the server's processes
    system: float
    database: float     # CPU µs a message, of PostgreSQL's
    busy: float         # of the client's core

    @property
    def cpu(self):
        return self.user + self.system


def client():
    """Where the program stands that talks; built when there is none."""
    program, source = WORK / "chat", FOLDER / "clients/chat.c"
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Failed("there is no C compiler, and the chat's client is built with one")
    run = subprocess.run([compiler, "-O2", "-o", program, source], capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        raise Failed(f"the chat's client does not build: {run.stderr[-300:]}")
    return program


def hear(process):
    line = process.stdout.readline()
    if not line:
        raise Failed(f"the chat's client gave up: {process.stderr.read()[-300:].strip()}")
    return json.loads(line)


def comments(bench, env, engine):
    if engine == "postgres":
        return ticket_load.rows(bench.postgres, env, "comment")
    with contextlib.closing(sqlite3.connect(env["DATABASE_URL"].removeprefix("sqlite:"))) as database:
        return database.execute("SELECT count(*) FROM comments").fetchone()[0]


def once(bench, program, arm, desk):
    name, engine, loops = arm
    env = bench.filled(name, desk, engine)
    bench.postgres.settle()
    with bench.start(name, loops, env) as server:
        tickets = [desk.ticket_id(number) for number in random.sample(range(1, desk.tickets + 1), ROOMS)]
        before = comments(bench, env, engine)
        talkers = spawn(
            list(map(str, [program, server.port, READERS, bench.seconds, bench.peer(name).token(server, desk), *tickets])), bench.load_core,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            warm = hear(talkers)["warm"]
            (user, system), database = server.cpu_seconds(), bench.postgres.cpu_seconds()
            talkers.stdin.write("\n")
            talkers.stdin.flush()
            found = hear(talkers)
            (user_after, system_after), database_after = server.cpu_seconds(), bench.postgres.cpu_seconds()
        finally:
            stop(talkers, patience=2)
        if comments(bench, env, engine) - before < found["messages"] + warm:
            raise Failed(f"{name} let people hear more than it wrote")
        each = 1e6 / found["messages"]
        return Talked(
            found["messages"] / found["seconds"], found["p50"], found["p99"], (user_after - user) * each, (system_after - system) * each,
            (database_after - database) * each, found["busy"])


def run(bench):
    program, desk = client(), Desk()
    for name, engine, _ in ARMS.values():
        bench.filled(name, desk, engine)
    results = bench.alternate(list(ARMS), lambda arm: once(bench, program, ARMS[arm], desk))
    ours = results[EMBEDDED]

    def row(name, rounds):
        figures = [median(rounds, figure) for figure in ("rate", "p50", "p99", "cpu", "database", "busy")]
        cells = [f"{figures[0]:,.0f}", *(f"{figure:,.2f}" for figure in figures[1:5]), f"{figures[5]:.0%}"]
        return [name, *cells, f"{ratio(ours, rounds, 'rate'):.1f}", f"{ratio(ours, rounds, 'cpu'):.3f}"]

    section = Section(
        "Chat: messages on tickets",
        f"{ROOMS} rooms of {READERS} WebSockets each; in each room one talks, and says the next when all {READERS} have heard the last. Each "
        "message is on the disk before anybody hears it. On SQLite the server has what the client leaves of two cores; otherwise the server "
        "has one core, the client the other, and PostgreSQL takes of both what it needs. Every message was heard by all, as it was said, and "
        "counted in the table. The peer inserts one row and sends it to whom it knows; ours keeps event, search index and counts too, and "
        f"tells from the log. Median of {bench.rounds} alternating runs of {bench.seconds} s.",
        ["", "messages/s", "p50 ms", "p99 ms", "CPU µs", "PostgreSQL µs", "client's core", "our rate ÷ its", "our CPU ÷ its"],
        [row(name, rounds) for name, rounds in results.items()],
        bars=[(name, median(rounds, "user"), median(rounds, "system")) for name, rounds in results.items()],
        targets=[Target(f"messages a second of {name} beside FastAPI's", ratio(results[name], results[PEER], "rate"), least=20, unit=" ×")
                 for name in (EMBEDDED, "martlet")])
    if (busy := median(ours, "busy")) > MOST_BUSY:
        section.notes.append(f"the client needed {busy:.0%} of its core: the rate is a lower bound")
    return section
