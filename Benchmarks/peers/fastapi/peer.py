"""FastAPI on uvicorn with uvloop and httptools, one worker a core, no access log."""

import pathlib

from harness.bench import ROOT
from harness.machine import first_line
from harness.processes import Failed

SOURCE = pathlib.Path(__file__).parent
PYTHON = ROOT / ".tools/bench-fastapi/bin/python"


def build(work):
    if not PYTHON.exists():
        raise Failed("the Python environment of the FastAPI peer is not there: run `make bench`")


def command(port, loops, work):
    return [
        PYTHON, "-m", "uvicorn", "app:app", "--app-dir", SOURCE, "--host", "127.0.0.1", "--port", port, "--workers", loops,
        "--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools",
    ], {"PYTHONDONTWRITEBYTECODE": "1"}


def version():
    says = "import fastapi, uvicorn, sys; print(f'FastAPI {fastapi.__version__}, uvicorn {uvicorn.__version__}, Python {sys.version.split()[0]}')"
    return first_line(PYTHON, "-c", says)
