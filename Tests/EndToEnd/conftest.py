import contextlib

import pytest

from desks import ENGINES, UNLIMITED, database, running_desk
from martlet import TOKEN, Martlet


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The one that most tests share: they read, and leave it as it was."""
    martlet = Martlet(tmp_path_factory.mktemp("martlet"), METRICS_TOKEN=TOKEN, **UNLIMITED)
    yield martlet
    martlet.stop()


@pytest.fixture(scope="session", params=ENGINES)
def desk(request, tmp_path_factory):
    """One for each engine, with people signed in. Tests share it: each works on things of its own and leaves the people as they are."""
    with running_desk(request.param, tmp_path_factory.mktemp(request.param)) as desk:
        yield desk


@pytest.fixture
def start(tmp_path):
    """Starts one for this test alone, with settings of its own."""
    with starting(tmp_path) as start:
        yield start


@pytest.fixture(params=ENGINES)
def url(request, tmp_path):
    """The `DATABASE_URL` of an empty database."""
    with database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def start_on_url(tmp_path, url):
    """Starts one on that database; several are nodes of one."""
    with starting(tmp_path, DATABASE_URL=url, **UNLIMITED) as start:
        yield start


@contextlib.contextmanager
def starting(folder, **usual):
    started = []

    def start(**settings):
        started.append(Martlet(folder, **(usual | settings)))
        return started[-1]

    yield start
    for martlet in started:
        martlet.stop()


@pytest.fixture(scope="session")
def document(server):
    return server.get("/openapi.json").json
