"""One ticket by its id, from SQLite inside our own process."""

from harness.bench import median
from harness.desk import Desk
from harness.report import Section, Target
from harness.ticket_load import run_one

order = 20


def run(bench):
    desk = Desk()
    rounds = bench.alternate(["martlet"], lambda name: run_one(bench, name, "get", desk, "sqlite"))["martlet"]
    rate, p50, p99, cpu, user, rss = (median(rounds, figure) for figure in ("rate", "p50", "p99", "cpu", "user", "rss"))
    return Section(
        "GET /tickets/{id} on SQLite",
        f"{desk.tickets:,} tickets; 64 keep-alive connections, each request for another ticket; one core for the server, one for wrk; "
        f"median of {bench.rounds} runs of {bench.seconds} s.",
        ["", "requests/s", "p50 ms", "p99 ms", "CPU µs", "of it user", "RSS MiB"],
        [["martlet", f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{cpu:.2f}", f"{user:.2f}", f"{rss:.1f}"]],
        targets=[Target("requests a second on one core", rate, least=60_000)])
