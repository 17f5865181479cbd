"""The shape of most scenarios: the same requests to us and to the peers, round by round."""

from .bench import median, ratio
from .report import Section

COLUMNS = ["", "requests/s", "p50 ms", "p99 ms", "CPU µs", "of it user", "RSS MiB", "our CPU ÷ its", "our user ÷ its"]


def compare(bench, peers, **load):
    """{arm: [Measured]} of the subject and the peers, each started afresh for each run."""

    def run(name):
        with bench.start(name) as server:
            return bench.measure(server, **load)

    return bench.alternate([bench.subject, *(peer for peer in peers if peer != bench.subject)], run)


def row(name, results, ours, latency):
    rate, p50, p99, cpu, user, rss = (median(results, figure) for figure in ("rate", "p50", "p99", "cpu", "user", "rss"))
    times = [f"{p50:.2f}", f"{p99:.2f}"] if latency else []
    cells = [name, f"{rate:,.0f}", *times, f"{cpu:.2f}", f"{user:.2f}", f"{rss:.1f}"]
    if results is ours:
        return [*cells, "1", "1"]
    return [*cells, f"{ratio(ours, results, 'cpu'):.2f}", f"{ratio(ours, results, 'user'):.2f}"]


def section(title, about, results, subject, latency=True):
    """A table of all arms, bars of their CPU time, and a note for any answer that was not right.

    Without `latency` for requests sent many at once, whose times wrk does not keep right.
    """
    ours = results[subject]
    notes = []
    for name, rounds in results.items():
        errors = sum(result.errors for result in rounds)
        if errors:
            notes.append(f"{name}: {errors} errors among {sum(result.requests for result in rounds):,} requests – its numbers mean little.")
    return Section(
        title, about, [column for column in COLUMNS if latency or not column.startswith("p")],
        [row(name, rounds, ours, latency) for name, rounds in results.items()], notes=notes,
        bars=[(name, median(rounds, "user"), median(rounds, "system")) for name, rounds in results.items()])
