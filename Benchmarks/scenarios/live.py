"""Ten thousand WebSocket sessions on one process: what each takes, how soon a change is there, and what the others cost it."""

import dataclasses
import shutil
import statistics
import time

from harness import ticket_peers
from harness.bench import median
from harness.clients import Client
from harness.places import WORK
from harness.report import Section, Target

order = 30

SESSIONS, WATCHERS = 10_000, 100
CHANGES = 500
SECRET = "another-one-for-benchmarks-and-long-enough"


@dataclasses.dataclass
class Live:
    idle: float             # MiB, with the hundred that watch
    crowded: float          # MiB, with all of them
    alone: dict             # of the hundred that watch, without the others
    among: dict             # and with them

    @property
    def session_kib(self):
        return (self.crowded - self.idle) * 1024 / (SESSIONS - WATCHERS)


def changes(server, client):
    """What a number of changes took: p95 in ms from sending to answer, to each event and to the last, and CPU in ms each."""
    before = sum(server.cpu_seconds())
    client.say(f"change {CHANGES}")
    heard = client.hear(120)
    cpu = (sum(server.cpu_seconds()) - before) / CHANGES
    return {"cpu": cpu * 1000} | {name: 1000 * statistics.quantiles(heard[name], n=20)[-1] for name in ("answered", "each", "told")}


def once(bench):
    folder = WORK / "martlet" / "live"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    env = {**bench.peer("martlet").CALLERS, "DATABASE_URL": f"sqlite:{folder}/martlet.db", "DELEGATED_JWT_SECRET": SECRET}
    token = ticket_peers.signed({"id": "agent", "username": "agent", "email": "agent@example.com", "role": "AGENT"}, SECRET)
    with bench.start("martlet", env=env) as server, Client(bench, "live", server.port, token, nice=0) as client:
        client.say(f"open {WATCHERS}")
        client.hear(60)
        # What the first changes set up is not the sessions'.
        changes(server, client)
        idle, alone = server.rss_mib(), changes(server, client)
        client.say(f"open {SESSIONS}")
        client.hear(120)
        time.sleep(1)
        crowded = server.rss_mib()
        return Live(idle, crowded, alone, changes(server, client))


def run(bench):
    rounds = bench.alternate(["martlet"], lambda _: once(bench))["martlet"]

    def middle(which, figure):
        return statistics.median(getattr(one, which)[figure] for one in rounds)

    rows = [
        [label, *(f"{middle(which, figure):.2f}" for figure in ("answered", "each", "told", "cpu"))]
        for label, which in ((f"{WATCHERS} sessions", "alone"), (f"{SESSIONS:,} sessions", "among"))]
    return Section(
        f"Live: {SESSIONS:,} WebSocket sessions",
        f"{SESSIONS:,} sessions, a hundred to a ticket. One ticket is changed {CHANGES} times, each once the last was told to all its "
        "hundred: p95 from sending the change to its answer, to an event, and to the last of the hundred events, the commit to the disk "
        f"included, and the server's CPU time for the change and its hundred events. SQLite; median of {bench.rounds} runs.",
        ["", "answer ms", "event ms", "last event ms", "CPU ms"], rows,
        notes=[f"memory: {median(rounds, 'idle'):.1f} MiB with {WATCHERS} sessions, {median(rounds, 'crowded'):.1f} MiB with {SESSIONS:,}"],
        targets=[
            Target("memory a session", median(rounds, "session_kib"), 10, " KiB"),
            Target("p95 of the last of a hundred events, the commit included", middle("among", "told"), 30, " ms"),
            Target("CPU of a change beside the same without the others", middle("among", "cpu") / middle("alone", "cpu"), 1.2, " ×"),
        ])
