"""One loop against two: what sharing the work costs each request."""

from harness.bench import median, ratio
from harness.report import Section, Target

order = 3


def run(bench):
    arms = [(name, loops) for name in dict.fromkeys([bench.subject, "hyper"]) for loops in (1, 2)]

    def once(arm):
        name, loops = arm
        with bench.start(name, loops) as server:
            return bench.measure(server, cores=bench.load_core if loops == 1 else bench.both_cores)

    results = bench.alternate(arms, once)
    rows = []
    for name, loops in arms:
        rounds = results[name, loops]
        more = ratio(rounds, results[name, 1], "cpu")
        rows.append([
            f"{name}, {loops} loop{'s' if loops > 1 else ''}", f"{median(rounds, 'rate'):,.0f}", f"{median(rounds, 'p99'):.2f}",
            f"{median(rounds, 'cpu'):.2f}", f"{median(rounds, 'user'):.2f}", f"{more:.2f}"])
    ours = [results[bench.subject, loops] for loops in (1, 2)]
    return Section(
        "One loop and two",
        f"GET /health over 64 keep-alive connections; median of {bench.rounds} alternating runs of {bench.seconds} s. With one loop the "
        "server and wrk have a core each; with two they share both, so the requests a second of two loops say nothing on so small a "
        "machine, and CPU time a request does.",
        ["", "requests/s", "p99 ms", "CPU µs", "of it user", "CPU ÷ its one loop"], rows,
        targets=[Target("CPU a request with two loops beside one", ratio(ours[1], ours[0], "cpu"), 1.1, " ×")],
        bars=[(f"{name} × {loops}", median(results[name, loops], "user"), median(results[name, loops], "system")) for name, loops in arms])
