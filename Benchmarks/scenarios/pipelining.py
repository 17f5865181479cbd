"""Sixteen requests at once: what user space costs, the kernel's part being shared by them."""

from harness.bench import FOLDER, ratio
from harness.comparison import compare, section
from harness.report import Target

order = 2


def run(bench):
    # uvicorn answers one request after the other whatever is sent, so FastAPI would only show its first table again.
    results = compare(bench, ["hyper", "nginx"], script=FOLDER / "clients/pipeline.lua")
    found = section(
        "GET /health, 64 connections, 16 requests deep",
        f"As the plain run, but each connection sends sixteen requests at once. One core for the server, one for wrk; median of "
        f"{bench.rounds} alternating runs of {bench.seconds} s.", results, bench.subject, latency=False)
    if bench.subject != "hyper":
        found.targets.append(Target("user CPU a request beside hyper's", ratio(results[bench.subject], results["hyper"], "user"), 1.5, " ×"))
    return found
