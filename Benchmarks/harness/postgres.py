"""A PostgreSQL for the length of a run, set up as for real service: what it has acknowledged is on the disk.

The cluster is made by Scripts/postgres.sh; the server is started here, so that it dies with this process and its time can be told.
"""

import atexit
import contextlib
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from .machine import first_line
from .places import ROOT
from .processes import TICK, Failed, cpu_ticks, spawn, stop

# Those of Scripts/postgres.sh are for tests, which need not survive anything.
SETTINGS = {
    "autovacuum": "on", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "ssl": "off", "shared_buffers": "2GB", "max_wal_size": "8GB",
    "checkpoint_timeout": "30min", "maintenance_work_mem": "512MB", "effective_cache_size": "8GB", "random_page_cost": "1.1",
}


class Postgres:
    def __init__(self, cores):
        # Not below our own folder: it runs as another person, who may not be let in there.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-")) / "postgres"
        self.folder.parent.chmod(0o755)
        atexit.register(self.stop)
        self.url = self.script("start").strip()
        self.sql("postgres", "".join(f"ALTER SYSTEM SET {name} = '{value}';\n" for name, value in SETTINGS.items()))
        self.script("pause")
        self.process = spawn(self.command(), cores, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.open_log())
        self.await_answer(30)

    def command(self):
        server = shutil.which("postgres", path="/usr/lib/postgresql/15/bin") or shutil.which("postgres")
        as_owner = ["setpriv", "--pdeathsig", "INT", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        return [*(as_owner if self.folder.owner() == "postgres" else []), server, "-D", str(self.folder / "data")]

    def open_log(self):
        return open(self.folder.parent / "log", "ab")

    def script(self, order):
        run = subprocess.run([ROOT / "Scripts/postgres.sh", order, self.folder], capture_output=True, text=True, timeout=120)
        if run.returncode != 0:
            raise Failed(f"PostgreSQL could not be made to {order}: {run.stderr.strip()[-300:]}")
        return run.stdout

    def stop(self):
        if hasattr(self, "process"):
            # A fast end: callers that are still there are not waited for.
            self.process.send_signal(signal.SIGINT)
            stop(self.process, patience=5)
        with contextlib.suppress(Failed, subprocess.TimeoutExpired):
            self.script("stop")
        shutil.rmtree(self.folder.parent, ignore_errors=True)

    def await_answer(self, seconds):
        until = time.perf_counter() + seconds
        while self.process.poll() is None and time.perf_counter() < until:
            with contextlib.suppress(Failed):
                return self.sql("postgres", "SELECT 1")
            time.sleep(0.05)
        raise Failed(f"PostgreSQL did not start: {(self.folder.parent / 'log').read_text(errors='replace')[-300:]}")

    def database(self, name):
        """The address of a database of that name."""
        return self.url.rpartition("/")[0] + "/" + name

    def sql(self, database, text):
        """What psql prints for it, bare."""
        run = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.database(database)], input=text, capture_output=True, text=True, timeout=1200)
        if run.returncode != 0:
            raise Failed(f"PostgreSQL refused: {run.stderr.strip()[-300:]}")
        return run.stdout.strip()

    def copy(self, database, table, columns, lines):
        """Loads rows that are text as COPY wants it."""
        names = ", ".join(f'"{column}"' for column in columns)
        order = f"\\copy {table} ({names}) FROM STDIN"
        process = spawn(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", order, self.database(database)], {0, 1}, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            # No trigger fires, so that a million rows are not each looked up in another table that was just as surely made here.
            env={"PGOPTIONS": "-c session_replication_role=replica"})
        with contextlib.suppress(BrokenPipeError):
            process.stdin.writelines(lines)
        _, trouble = process.communicate(timeout=1200)
        stop(process)
        if process.returncode != 0:
            raise Failed(f"PostgreSQL did not take the rows of {table}: {trouble.strip()[-300:]}")

    def make(self, database):
        """A new one of that name; an earlier one is gone."""
        self.sql("postgres", f"DROP DATABASE IF EXISTS {database};\nCREATE DATABASE {database};")

    def settle(self):
        """Nothing that an earlier run left to be written is written during the next one."""
        self.sql("postgres", "CHECKPOINT")

    def cpu_seconds(self):
        """So far, of the server and all its processes, those that have ended too."""
        own = cpu_ticks(self.process.pid, with_ended=True)
        return (own + sum(cpu_ticks(pid) for pid in children(self.process.pid))) / TICK


def children(pid):
    return map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def version():
    return first_line("psql", "--version").replace("psql (PostgreSQL)", "PostgreSQL")
