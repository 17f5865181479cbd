"""FastAPI with SQLAlchemy's ORM on asyncpg, on uvicorn with uvloop and httptools, one worker a core, no access log."""

import pathlib

from harness import ticket_peers
from harness.bench import ROOT
from harness.machine import first_line
from harness.processes import Failed

SOURCE = pathlib.Path(__file__).parent
PYTHON = ROOT / ".tools/bench-fastapi_tickets/bin/python"

ROUTES = {
    "get": "/api/v1/users/tickets/{id}",
    "page": "/api/v1/csr/tickets?status=open&limit=20",
    "post": "/api/v1/users/tickets",
    "comment": "/api/v1/users/tickets/{id}/messages",
}


# The status of a body that breaks a rule.
BAD_BODY = 422


def build(work):
    if not PYTHON.exists():
        raise Failed("the Python environment of the FastAPI peer is not there: run `make bench`")


def command(port, loops, work):
    return [
        PYTHON, "-m", "uvicorn", "app:app", "--app-dir", SOURCE, "--host", "127.0.0.1", "--port", port, "--workers", loops,
        "--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools",
    ], {"PYTHONDONTWRITEBYTECODE": "1"}


def fill(bench, desk, engine):
    return ticket_peers.fill(bench.postgres, f"fastapi_{desk.tickets}", desk)


def token(server, desk):
    return ticket_peers.token(desk)


def items(page):
    return page


def version():
    says = ("import asyncpg, fastapi, sqlalchemy; "
            "print(f'FastAPI {fastapi.__version__}, SQLAlchemy {sqlalchemy.__version__}, asyncpg {asyncpg.__version__}')")
    return first_line(PYTHON, "-c", says)
