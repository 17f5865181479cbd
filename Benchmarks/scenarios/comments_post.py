"""Answering a ticket, into PostgreSQL."""

from harness import ticket_targets

order = 13


def run(bench):
    return ticket_targets.writes(bench, "comment", "POST /tickets/{id}/comments")
