"""hyper and tokio-postgres, from Debian's own packages of them: a token checked, one statement a request, eight pipelined links."""

import pathlib

from harness import rust, ticket_peers
from harness.machine import first_line, package_version

SOURCE = pathlib.Path(__file__).parent

ROUTES = {
    "get": "/tickets/{id}",
    "page": "/tickets?status=open&limit=20",
    "post": "/tickets",
    "comment": "/tickets/{id}/comments",
}


# The status of a body that breaks a rule.
BAD_BODY = 400


def build(work):
    rust.build(SOURCE, work)


def command(port, loops, work):
    return [work / "target/release/peer-hyper-tickets", port, loops], {}


def fill(bench, desk, engine):
    return ticket_peers.fill(bench.postgres, f"hyper_{desk.tickets}", desk)


def token(server, desk):
    return ticket_peers.token(desk)


def items(page):
    return page["items"]


def version():
    versions = (f"{name} {package_version(f'librust-{name}-dev')}" for name in ("hyper", "tokio", "tokio-postgres"))
    return ", ".join([*versions, first_line("rustc", "--version")])
