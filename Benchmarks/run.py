#!/usr/bin/env python3
"""Runs the scenarios and writes their results. See README.md; `make bench` sets up what this needs."""

import os
import signal
import sys

from harness import bench as harness
from harness import machine
from harness.processes import Failed, stop_all

# Of one scenario. A run that hangs is a bug of ours, and must not hold a machine for ever.
LONGEST_SECONDS = 1800
# Scenarios that need something which is not always there.
ON_DEMAND = {"before"}


def chosen(found):
    names = [name for name in os.environ.get("BENCH_ONLY", "").replace(" ", "").split(",") if name]
    unknown = set(names) - set(found)
    if unknown:
        raise Failed(f"BENCH_ONLY names {', '.join(sorted(unknown))}; there are {', '.join(found)}")
    return names or [name for name in found if name not in ON_DEMAND]


def main():
    bench = harness.choose()
    found = {file.stem: file for file in (harness.FOLDER / "scenarios").glob("*.py")}
    scenarios = {name: harness.load_module(file) for name, file in found.items()}
    ordered = sorted(scenarios, key=lambda name: scenarios[name].order)
    # What is kept is of ours; a peer in our place is for looking.
    targets = []
    for name in [name for name in ordered if name in chosen(ordered)]:
        print(f"== {name}", flush=True)
        signal.alarm(LONGEST_SECONDS)
        section = scenarios[name].run(bench)
        signal.alarm(0)
        folder = (harness.FOLDER if bench.subject == "martlet" and name not in ON_DEMAND else harness.WORK) / "results"
        folder.mkdir(parents=True, exist_ok=True)
        versions = [module.version() for module in bench.peers.values()]
        (folder / f"{name}.md").write_text(section.markdown(machine.describe(), versions, f"{name}.svg"))
        if section.bars:
            (folder / f"{name}.svg").write_text(section.svg())
        targets += section.targets
        print(section.terminal() + f"\nWritten to {folder}.", flush=True)
    # A missed promise is news, not a broken run: the tables are there to be read.
    if targets:
        print(f"{sum(target.met for target in targets)} of {len(targets)} targets met.")


def interrupted(number, _):
    stop_all()
    sys.exit(f"bench: ended by {signal.Signals(number).name}.")


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        main()
    except Failed as failure:
        sys.exit(f"bench: {failure}.")
