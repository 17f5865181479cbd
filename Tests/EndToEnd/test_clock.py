"""A machine whose clock is wrong: before 1970, as where it has no battery, or far ahead."""

import shutil
import subprocess

import pytest

from desks import Client, sign_in
from martlet import Martlet

SHIM = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    const char *seconds = getenv("CLOCK_SET_BY");
    if (result == 0 && clock == CLOCK_REALTIME && seconds) time->tv_sec += atoll(seconds);
    return result;
}
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("no C compiler to set a process's clock with")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "clock.c").write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "clock.so", folder / "clock.c"], check=True, timeout=60)
    return folder / "clock.so"


@pytest.mark.parametrize("years", [-60, -200, 50, 9000, 200_000])
def test_the_server_serves_whatever_its_clock_says(tmp_path, shim, years):
    settings = {"LD_PRELOAD": shim, "CLOCK_SET_BY": years * 31_556_952}
    martlet = Martlet(tmp_path, DEMO="on", RATE_LIMIT=1000, AUTH_RATE_LIMIT=0, **settings)
    assert martlet.get("/health").status == 200
    assert martlet.get("/metrics").status == 200
    assert martlet.get("/health/ready").status == 200
    client = Client(martlet, sign_in(martlet, "alice", "alice123")["access_token"])
    made = [client.post("/tickets", {"title": "Printer on fire", "description": "It burns."}) for _ in range(3)]
    assert all(answer.status < 500 for answer in made), made[0].body
    assert martlet.process.poll() is None
    martlet.stop()
