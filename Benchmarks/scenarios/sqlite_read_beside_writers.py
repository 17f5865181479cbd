"""Reads on SQLite while others write as fast as they can: does the one that only looks have to wait?"""

import concurrent.futures

from harness.bench import median
from harness.desk import Desk
from harness.load import run_wrk
from harness.processes import Failed
from harness.report import Section, Target
from harness.ticket_load import SCRIPT, Caller, check, script_arguments

order = 22

READERS, PACE, WRITERS = 16, 10, 64


def once(bench, desk, beside):
    env, peer = bench.filled("martlet", desk, "sqlite"), bench.peer("martlet")
    with bench.start("martlet", env=env) as server, concurrent.futures.ThreadPoolExecutor() as pool:
        token, url = peer.token(server, desk), f"http://127.0.0.1:{server.port}"
        for operation in ("get", "post"):
            check(operation, Caller(server, token), peer, desk)
        writing = None
        if beside:
            words = script_arguments(desk, "post", peer.ROUTES["post"], token)
            # They begin before the reads and end after them.
            writing = pool.submit(run_wrk, url, bench.seconds + 2, WRITERS, bench.load_core, SCRIPT, words)
        words = script_arguments(desk, "get", peer.ROUTES["get"], token, PACE)
        run_wrk(url, 1, READERS, bench.load_core, SCRIPT, words)
        _, rate, p50, p99, errors = run_wrk(url, bench.seconds, READERS, bench.load_core, SCRIPT, words)
        written = writing.result() if writing else (0, 0, 0, 0, 0)
    if errors or written[4]:
        raise Failed(f"martlet failed {errors} reads and {written[4]} posts")
    return Found(rate, p50, p99, written[1])


class Found:
    def __init__(self, rate, p50, p99, posts):
        self.rate, self.p50, self.p99, self.posts = rate, p50, p99, posts


def run(bench):
    desk = Desk()
    arms = {"reads alone": False, f"beside {WRITERS} writers": True}
    results = bench.alternate(list(arms), lambda arm: once(bench, desk, arms[arm]))
    rows = [[arm, *(f"{median(rounds, figure):,.{digits}f}" for figure, digits in (("rate", 0), ("p50", 2), ("p99", 2), ("posts", 0)))]
            for arm, rounds in results.items()]
    return Section(
        "Reads on SQLite beside writers",
        f"{READERS} connections ask for a ticket and wait {PACE} ms before they ask again, on a server with one core; alone, and while "
        f"{WRITERS} other connections open tickets as fast as they are let. Both loads share the second core. Median of {bench.rounds} "
        f"alternating runs of {bench.seconds} s.",
        ["", "reads/s", "p50 ms", "p99 ms", "posts/s"], rows,
        targets=[Target("p99 of a read beside writers", median(results[f"beside {WRITERS} writers"], "p99"), 5, " ms")])
