"""An earlier build of ours, from the checkout that BENCH_BEFORE names: its release binary, and the tables as they were there."""

import os
import pathlib

from harness.bench import load_module
from harness.processes import Failed

checkout = pathlib.Path(os.environ.get("BENCH_BEFORE") or "")
if not (checkout / "Benchmarks/peers/martlet/peer.py").exists():
    raise Failed("BENCH_BEFORE should name a checkout of an earlier version, with `make build` done there")

earlier = load_module(pathlib.Path(__file__).parent.parent / "martlet/peer.py")
earlier.NAME = "martlet_before"
earlier.BINARY = checkout / ".build/release/martlet"
earlier.columns = load_module(checkout / "Benchmarks/peers/martlet/columns.py").COLUMNS
earlier.search_index = load_module(checkout / "Benchmarks/peers/martlet/search_index.py")

ROUTES, BAD_BODY, CALLERS = earlier.ROUTES, earlier.BAD_BODY, earlier.CALLERS
build, command, fill, token, items = earlier.build, earlier.command, earlier.fill, earlier.token, earlier.items
customer_token = earlier.customer_token


def version():
    return f"before: {earlier.version()}"
