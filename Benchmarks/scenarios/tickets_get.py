"""One ticket by its id, from PostgreSQL."""

from harness import ticket_targets

order = 10


def run(bench):
    return ticket_targets.reads(bench, "get", "GET /tickets/{id}")
