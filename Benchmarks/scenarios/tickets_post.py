"""Opening a ticket, into PostgreSQL."""

from harness import ticket_targets

order = 12


def run(bench):
    return ticket_targets.writes(bench, "post", "POST /tickets")
