"""Many readers, over event streams and sockets, that are cut at random and resume, while others change tickets: in the end each was told
exactly what it may see, in order, and nothing twice. `CROWD_READERS` and `CROWD_CHANGES` make the crowd larger."""

import asyncio
import os
import time

import pytest

from desks import ENGINES, running_desk
from crowd import Crowd
from test_permissions import SECRET, token_of_theirs

READERS = int(os.environ.get("CROWD_READERS", "60"))
CHANGES = int(os.environ.get("CROWD_CHANGES", "1500"))
SECONDS = 60 + CHANGES // 50


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.timeout(SECONDS * 2)
def test_each_is_told_what_is_theirs_once_and_in_order(engine, tmp_path):
    def token(name, role):
        return token_of_theirs(SECRET, id=name, username=name, email=f"{name}@example.com", role=role)

    with running_desk(engine, tmp_path, DELEGATED_JWT_SECRET=SECRET) as desk:
        crowd = Crowd(desk.martlet, READERS, CHANGES, token)
        began = time.monotonic()
        told, cuts, wrong = asyncio.run(crowd.run(SECONDS))
        print(f"{engine}: {READERS} readers, {CHANGES} changes, {told} told, {cuts} cuts, {time.monotonic() - began:.0f} s")
        assert wrong == {}
        assert told >= CHANGES and cuts >= READERS // 10
