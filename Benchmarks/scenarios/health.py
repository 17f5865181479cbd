"""The trivial JSON route: what the server itself costs."""

from harness.bench import ratio
from harness.comparison import compare, section
from harness.report import Target

order = 1


def run(bench):
    results = compare(bench, ["hyper", "nginx", "fastapi"])
    found = section(
        "GET /health, 64 keep-alive connections",
        f"One core for the server, one for wrk; median of {bench.rounds} alternating runs of {bench.seconds} s. wrk is often busy before "
        "the server is, so CPU time a request (server processes, user and system) is the figure to trust, and the ratios are medians "
        "of the ratios of each round. FastAPI is given as its users run it, one worker.", results, bench.subject)
    if bench.subject != "hyper":
        found.targets.append(Target("CPU a request beside hyper's", ratio(results[bench.subject], results["hyper"], "cpu"), 1.15, " ×"))
    return found
