"""Ours, as it is shipped: every limit and time-out, the log and the metrics are on."""

import pathlib
import shutil

from harness import desk as desks
from harness import ticket_peers
from harness.bench import WORK, load_module
from harness.fill import fill_postgres, fill_sqlite
from harness.machine import first_line
from harness.places import ROOT
from harness.processes import Failed

# Another build of ours is measured with this module too: see peers/martlet_before.
NAME = "martlet"
BINARY = ROOT / ".build/release/martlet"
FOLDER = pathlib.Path(__file__).parent
columns = load_module(FOLDER / "columns.py").COLUMNS
search_index = load_module(FOLDER / "search_index.py")

ROUTES = {
    "get": "/tickets/{id}",
    "page": "/tickets?status=open&limit=20",
    "post": "/tickets",
    "comment": "/tickets/{id}/comments",
}
# The status of a body that breaks a rule.
BAD_BODY = 400

# One caller asks all that there is to ask, so the limit is out of reach; it is kept count of all the same.
CALLERS = {"JWT_SECRET": ticket_peers.SECRET, "RATE_LIMIT": "1000000000", "WRITE_BUDGET_MB": "0"}


def build(work):
    if not BINARY.exists():
        raise Failed(f"{BINARY} is not there: run `make build`")


def command(port, loops, work):
    return [BINARY, "serve"], {
        "PORT": str(port), "HOST": "127.0.0.1", "LOOPS": str(loops), "LOG_LEVEL": "info", "LOG_FORMAT": "json"}


def fill(bench, desk, engine):
    """Its first start makes the tables; then they are loaded."""
    env = {**CALLERS, "DATABASE_URL": place(bench, desk, engine)}
    with bench.start(NAME, env=env):
        pass
    if engine == "postgres":
        database = f"{NAME}_{desk.tickets}"
        with search_index.put_off(bench.postgres, database):
            fill_postgres(bench.postgres, database, desk, columns)
        bench.postgres.sql(database, "VACUUM ANALYZE")
    else:
        file = env["DATABASE_URL"].removeprefix("sqlite:")
        fill_sqlite(file, desk, columns)
        search_index.rebuild(file)
    return env


def place(bench, desk, engine):
    """The address of an empty database."""
    name = f"{NAME}_{desk.tickets}"
    if engine == "postgres":
        bench.postgres.make(name)
        return bench.postgres.database(name)
    folder = WORK / NAME / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return f"sqlite:{folder / 'martlet.db'}"


def token(server, desk):
    return ticket_peers.token(desk, iss="martlet", sid=desk.session_id, jti=desk.session_id)


def customer_token(desk):
    session = desk.customer_session_id
    return ticket_peers.token(desk, 2 + desks.STAFF, iss="martlet", sid=session, jti=session)


def items(page):
    return page["items"]


def version():
    return first_line(BINARY, "version")
