"""What we promise of the ticket routes beside the peers: hyper with bare statements, and a server as it is usually written."""

from .bench import ratio
from .desk import Desk
from .report import Target
from .ticket_load import compare

PEERS = ["hyper_tickets", "fastapi_tickets"]


def reads(bench, operation, title):
    found, rate, cpu = measured(bench, operation, title)
    if rate:
        found.targets += [
            Target("requests a second beside hyper's", rate("hyper_tickets"), least=1.0, unit=" ×"),
            Target("CPU a request beside hyper's", cpu("hyper_tickets"), 1.0, " ×"),
            Target("requests a second beside FastAPI's", rate("fastapi_tickets"), least=30, unit=" ×"),
        ]
    return found


def writes(bench, operation, title):
    """The peers insert one row and keep no record of the change; ours writes its event, its search index and its counts with it."""
    found, rate, _ = measured(bench, operation, title)
    found.about += " The peers insert one row; ours writes event, search index and counts in the same transaction."
    if rate:
        found.targets += [
            Target("requests a second beside hyper's bare INSERT", rate("hyper_tickets"), least=0.7, unit=" ×"),
            Target("requests a second beside FastAPI's", rate("fastapi_tickets"), least=10, unit=" ×"),
        ]
    return found


def measured(bench, operation, title):
    """The section, and how our figures compare with a peer's; nothing for the latter while a peer stands in our place."""
    results, found = compare(bench, operation, title, PEERS, Desk())
    if bench.subject in PEERS:
        return found, None, None
    ours = results[bench.subject]
    return found, lambda peer: ratio(ours, results[peer], "rate"), lambda peer: ratio(ours, results[peer], "cpu")
