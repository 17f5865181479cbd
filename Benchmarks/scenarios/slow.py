"""Six thousand clients that never finish their request: do the others notice, and are the slow ones sent away?"""

import collections
import dataclasses

from harness.bench import median, ratio
from harness.clients import Client
from harness.processes import Failed
from harness.report import Section, Target

order = 5

HEADERS, BODIES = 5_000, 1_000

# A server that means to send slow clients away has done so by then.
PATIENCE = 40

# The load must lie within the attack, and the attack ends when the first time-out of ten seconds strikes.
LONGEST_LOAD = 6


@dataclasses.dataclass
class Attack:
    quiet: object       # Measured
    attacked: object    # Measured
    longest: float      # s that the last of them stayed
    headers: dict       # how many went by which status
    body: dict
    rss: float


def once(bench, name):
    seconds = min(bench.seconds, LONGEST_LOAD)
    # The slow bodies come from few addresses, and would be refused as too many tries to sign in.
    with bench.start(name, env={"AUTH_RATE_LIMIT": "0"}) as server:
        quiet = bench.measure(server, seconds=seconds)
        with Client(bench, "slow", server.port, HEADERS, BODIES, PATIENCE) as client:
            heard = client.hear(60)
            if heard["open"] < HEADERS + BODIES:
                raise Failed(f"{name} took {heard['open']} of {HEADERS + BODIES} slow connections: {heard['trouble']}")
            attacked = bench.measure(server, seconds=seconds, warm_up=0)
            rss = server.rss_mib()
            left = client.hear(PATIENCE + 10)
        return Attack(quiet, attacked, left["longest"], left["headers"], left["body"], rss)


def told(rounds, kind):
    """How they went, all rounds together: "408: 5,000"."""
    total = sum((collections.Counter(getattr(one, kind)) for one in rounds), collections.Counter())
    return ", ".join(f"{what}: {count:,}" for what, count in total.most_common())


def not_refused(rounds, kind, clients, status):
    """The per cent of these slow clients that were not sent away with that status."""
    refused = sum(getattr(one, kind).get(status, 0) for one in rounds)
    return 100 * (1 - refused / (len(rounds) * clients))


def run(bench):
    rounds = bench.alternate([bench.subject], lambda name: once(bench, name))[bench.subject]
    quiet, attacked = [one.quiet for one in rounds], [one.attacked for one in rounds]
    rows = [
        [label, f"{median(found, 'rate'):,.0f}", f"{median(found, 'p50'):.2f}", f"{median(found, 'p99'):.2f}", f"{median(found, 'cpu'):.2f}",
         str(sum(one.errors for one in found))]
        for label, found in (("quiet", quiet), ("under attack", attacked))]
    return Section(
        "Slow clients",
        f"{HEADERS:,} clients that send a header line every three seconds and {BODIES:,} that send a byte of their body as often, beside 64 "
        f"busy connections to {bench.subject}; median of {len(rounds)} runs.",
        ["", "requests/s", "p50 ms", "p99 ms", "CPU µs", "errors"], rows,
        notes=[
            f"slow headers went with {told(rounds, 'headers')}", f"slow bodies went with {told(rounds, 'body')}",
            f"the last was gone after {max(one.longest for one in rounds):.1f} s; memory under attack {median(rounds, 'rss'):.1f} MiB"],
        targets=[
            Target("p99 of others, under attack beside quiet", ratio(attacked, quiet, "p99"), 2, " ×"),
            Target("slow headers not sent away with 408", not_refused(rounds, "headers", HEADERS, "408"), 0, " %"),
            Target("slow bodies not sent away with 408", not_refused(rounds, "body", BODIES, "408"), 0, " %"),
        ])
