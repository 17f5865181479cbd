"""The twenty newest open tickets, from PostgreSQL."""

from harness import ticket_targets

order = 11


def run(bench):
    return ticket_targets.reads(bench, "page", "GET /tickets?status=open&limit=20")
