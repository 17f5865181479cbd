"""Ours, as it is shipped: every limit and time-out, the log and the metrics are on."""

from harness.bench import ROOT
from harness.machine import first_line
from harness.processes import Failed

BINARY = ROOT / ".build/release/martlet"


def build(work):
    if not BINARY.exists():
        raise Failed(f"{BINARY} is not there: run `make build`")


def command(port, loops, work):
    return [BINARY, "serve"], {
        "PORT": str(port), "HOST": "127.0.0.1", "LOOPS": str(loops), "LOG_LEVEL": "info", "LOG_FORMAT": "json"}


def version():
    return first_line(BINARY, "version")
