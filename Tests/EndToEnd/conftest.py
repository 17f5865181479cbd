import pytest

from desks import ENGINES, UNLIMITED, running_desk
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
    started = []

    def start(**settings):
        started.append(Martlet(tmp_path, **settings))
        return started[-1]

    yield start
    for martlet in started:
        martlet.stop()


@pytest.fixture(scope="session")
def document(server):
    return server.get("/openapi.json").json
