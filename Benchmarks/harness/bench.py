"""What a scenario is given: the servers it may start, how long it may take, and where the cores are."""

import dataclasses
import functools
import importlib.util
import os
import statistics
import time

from .load import measure
from .places import FOLDER, ROOT, WORK
from .postgres import Postgres
from .processes import Failed, Server, free_port


def load_module(file):
    """A module by its file: folders of peers and scenarios are found, not listed."""
    spec = importlib.util.spec_from_file_location(f"bench_{file.parent.name}_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclasses.dataclass
class Bench:
    rounds: int
    seconds: int
    subject: str = "martlet"
    # Of the large desk, in tickets.
    size: int = 1_000_000
    peers: dict = dataclasses.field(default_factory=dict)
    desks: dict = dataclasses.field(default_factory=dict)

    # The server has one core to itself and the load another; with two loops they must share the second.
    server_core = {0}
    load_core = {1}
    both_cores = {0, 1}

    def peer(self, name):
        """The peer's module, built on first use."""
        if name not in self.peers:
            file = FOLDER / "peers" / name / "peer.py"
            if not file.exists():
                raise Failed(f"there is no peer called {name}")
            module = load_module(file)
            work = WORK / name
            work.mkdir(parents=True, exist_ok=True)
            module.build(work)
            self.peers[name] = module
        return self.peers[name]

    @functools.cached_property
    def postgres(self):
        """One for the whole run, started on first use. It has both cores, so that what it takes is taken from everybody."""
        print("   starting PostgreSQL", flush=True)
        return Postgres(self.both_cores)

    def filled(self, name, desk, engine="postgres"):
        """The environment in which that peer serves that made-up desk, loaded on first use."""
        key = (name, desk.tickets, engine)
        if key not in self.desks:
            began = time.perf_counter()
            self.desks[key] = self.peer(name).fill(self, desk, engine)
            print(f"   loaded {desk.tickets:,} tickets for {name} on {engine} in {time.perf_counter() - began:.0f} s", flush=True)
        return self.desks[key]

    def forget(self, name, desk, engine):
        """Lets it be loaded afresh, for whom what others wrote would mislead."""
        self.desks.pop((name, desk.tickets, engine), None)

    def start(self, name, loops=1, env=None):
        """A running server of that peer, to be used in a `with`."""
        peer, port, work = self.peer(name), free_port(), WORK / name
        command, its_env = peer.command(port, loops, work)
        cores = self.server_core if loops == 1 else self.both_cores
        return Server([str(word) for word in command], port, cores, {**its_env, **(env or {})}, work)

    def alternate(self, arms, run):
        """Runs every arm once a round, each round starting with another one, so that what drifts hits all alike.

        Returns {arm: [one result a round]}.
        """
        results = {arm: [] for arm in arms}
        for number in range(self.rounds):
            turn = number % len(arms)
            for arm in arms[turn:] + arms[:turn]:
                results[arm].append(run(arm))
            print(f"   round {number + 1} of {self.rounds}", flush=True)
        return results

    def measure(self, server, **options):
        return measure(server, options.pop("seconds", self.seconds), options.pop("cores", self.load_core), **options)


def median(results, figure):
    """The median over rounds of an attribute of the results."""
    return statistics.median(getattr(result, figure) for result in results)


def ratio(ours, theirs, figure):
    """Ours to theirs, round by round, then the median: what slows a whole round down does not count."""
    return statistics.median(getattr(a, figure) / getattr(b, figure) for a, b in zip(ours, theirs) if getattr(b, figure) > 0)


def choose():
    """A bench as the environment asks for it."""

    def number(name, default, least):
        text = os.environ.get(name) or str(default)
        if not text.isdigit() or int(text) < least:
            raise Failed(f"{name} is {text!r}, and should be a number from {least} up")
        return int(text)

    if (os.cpu_count() or 1) < 2:
        raise Failed("one core is not enough: the load needs one beside the server's")
    return Bench(number("BENCH_ROUNDS", 5, 1), number("BENCH_SECONDS", 5, 1), os.environ.get("BENCH_SUBJECT") or "martlet",
                 number("BENCH_SIZE", 1_000_000, 1000))
