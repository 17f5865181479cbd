import pytest

from martlet import TOKEN, Martlet


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The one that most tests share: they read, and leave it as it was."""
    martlet = Martlet(tmp_path_factory.mktemp("martlet"), METRICS_TOKEN=TOKEN)
    yield martlet
    martlet.stop()


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
