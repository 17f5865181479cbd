"""What the server costs while nothing happens: its start, its memory, and ten thousand silent connections."""

import dataclasses
import time

from harness.bench import median, ratio
from harness.clients import Client
from harness.processes import Failed
from harness.report import Section, Target

order = 4

CONNECTIONS = 10_000


@dataclasses.dataclass
class Idle:
    start: float        # ms from exec to the first 200
    rss: float          # MiB, before any load
    rss_loaded: float   # MiB, with all connections open and silent
    still: int          # connections that were still there after the load of others
    quiet: object       # Measured
    crowded: object     # Measured


def once(bench, name):
    with bench.start(name) as server:
        time.sleep(0.5)
        start, rss = server.start_seconds * 1000, server.rss_mib()
        quiet = bench.measure(server)
        with Client(bench, "idle", server.port, CONNECTIONS) as client:
            heard = client.hear(60)
            if heard["open"] < CONNECTIONS:
                raise Failed(f"{name} took {heard['open']} of {CONNECTIONS} idle connections: {heard['trouble']}")
            rss_loaded = server.rss_mib()
            crowded = bench.measure(server)
            rss_loaded = max(rss_loaded, server.rss_mib())
            client.say("end")
            still = client.hear(30)["still"]
        return Idle(start, rss, rss_loaded, still, quiet, crowded)


def run(bench):
    arms = list(dict.fromkeys([bench.subject, "hyper"]))
    results = bench.alternate(arms, lambda name: once(bench, name))
    rows = []
    for name, rounds in results.items():
        quiet, crowded = [one.quiet for one in rounds], [one.crowded for one in rounds]
        rows.append([
            name, f"{median(rounds, 'start'):.0f}", f"{median(rounds, 'rss'):.1f}", f"{median(rounds, 'rss_loaded'):.1f}",
            f"{min(one.still for one in rounds):,}", f"{median(quiet, 'p99'):.2f}", f"{median(crowded, 'p99'):.2f}",
            f"{ratio(crowded, quiet, 'cpu'):.2f}"])
    ours = results[bench.subject]
    return Section(
        "Idle: start, memory, 10,000 silent connections",
        f"From exec to the first answer; resident memory before any load, and with {CONNECTIONS:,} keep-alive connections that have each "
        "asked once and then fall silent, from twenty addresses; p99 of 64 busy connections without and with them. Median of "
        f"{bench.rounds} alternating runs.",
        ["", "start ms", "RSS MiB", "with 10,000", "kept at least", "p99 ms quiet", "p99 ms crowded", "CPU crowded ÷ quiet"], rows,
        targets=[
            Target("start to first answer", median(ours, "start"), 100, " ms"),
            Target("memory idle", median(ours, "rss"), 25, " MiB"),
            Target("memory with 10,000 idle connections", median(ours, "rss_loaded"), 120, " MiB"),
            # What ten thousand open sockets and the process that holds them cost wrk itself, hyper's clients pay too; "no loss" is to
            # pay no more, with room for what two runs of the same thing differ by.
            Target("p99 of others, crowded beside quiet, beside the same for hyper", loss(ours) / loss(results["hyper"]), 1.2, " ×"),
        ])


def loss(rounds):
    """How much longer the slowest of the others take while there is a crowd."""
    return ratio([one.crowded for one in rounds], [one.quiet for one in rounds], "p99")
