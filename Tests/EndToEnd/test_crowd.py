"""Many readers, on every way in which a desk tells what happens, that are cut at random and come back, while others change tickets: in the
end each has exactly what it may see, in order, and nothing twice. `CROWD_READERS` and `CROWD_CHANGES` make the crowd larger."""

import asyncio
import os
import time

import pytest

from crowd import Crowd
from desks import ENGINES, running_desk
from nodes import two_nodes
from test_permissions import SECRET, token_of_theirs

READERS = int(os.environ.get("CROWD_READERS", "60"))
CHANGES = int(os.environ.get("CROWD_CHANGES", "1500"))
SECONDS = 60 + CHANGES // 50

pytestmark = pytest.mark.timeout(SECONDS * 2)


def token(name, role):
    return token_of_theirs(SECRET, id=name, username=name, email=f"{name}@example.com", role=role)


def gather(name, nodes, *acts):
    """Lets the crowd run, which must find nothing wrong."""
    crowd = Crowd(nodes, READERS, CHANGES, token)
    began = time.monotonic()
    told, cuts, wrong = asyncio.run(crowd.run(SECONDS, *acts))
    print(f"{name}: {READERS} readers, {CHANGES} changes, {told} told, {cuts} cuts, {time.monotonic() - began:.0f} s")
    assert wrong == {}
    assert told >= CHANGES and cuts >= READERS // 10


@pytest.mark.parametrize("engine", ENGINES)
def test_each_is_told_what_is_theirs_once_and_in_order(engine, tmp_path):
    with running_desk(engine, tmp_path, DELEGATED_JWT_SECRET=SECRET) as desk:
        gather(engine, [desk.martlet])


def test_so_it_is_across_two_nodes(tmp_path):
    with two_nodes(tmp_path, DELEGATED_JWT_SECRET=SECRET) as nodes:
        gather("two nodes", [nodes.one, nodes.two])


def test_so_it_is_while_redis_goes_and_comes(tmp_path):
    with two_nodes(tmp_path, DELEGATED_JWT_SECRET=SECRET) as nodes:
        def go():
            nodes.redis.act("pause")
            nodes.wait_for_redis("degraded")

        def come():
            nodes.redis.act("resume")
            nodes.wait_for_redis()

        gather("two nodes, Redis away", [nodes.one, nodes.two], (0.3, go), (0.6, come))
