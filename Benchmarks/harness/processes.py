"""A server under test: started pinned to its cores, watched through /proc, and surely gone afterwards."""

import atexit
import contextlib
import ctypes
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)
running = []


class Failed(Exception):
    """Something that a person must put right, said in a sentence."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def spawn(command, cores, env=None, nice=0, **streams):
    """Starts a process on the given cores that dies with this one, however this one ends."""

    def prepare():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        os.sched_setaffinity(0, cores)
        if nice:
            os.nice(nice)

    process = subprocess.Popen(
        command, env={**os.environ, **(env or {})}, preexec_fn=prepare, start_new_session=True, **streams)
    running.append(process)
    return process


def stop(process, patience=15):
    """Asks the process to stop, and ends it with its whole group when it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        pass
    # The group is of our own making and holds only this process and its children.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)
    if process in running:
        running.remove(process)


@atexit.register
def stop_all():
    for process in list(running):
        stop(process, patience=2)


def cpu_ticks(pid, with_ended=False):
    """User and system time so far, in ticks; also that of its children that have ended."""
    with contextlib.suppress(OSError):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15 if with_ended else 13]))
    return 0


class Server:
    """One running server, on the given set of CPU numbers. Made when it has answered for the first time."""

    def __init__(self, command, port, cores, env, folder):
        self.port, self.log = port, pathlib.Path(folder) / f"{port}.log"
        self.output = self.log.open("wb")
        started = time.perf_counter()
        # In a folder of its own, so that a `.env` lying about is nobody's settings.
        self.process = spawn(command, cores, env, cwd=folder, stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT)
        try:
            self.await_answer("/health", seconds=20)
        except Failed:
            self.__exit__()
            raise
        self.start_seconds = time.perf_counter() - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process)
        self.output.close()
        # A log line a request makes a file too large to keep; what matters of a failure was in the exception.
        self.log.unlink(missing_ok=True)

    def await_answer(self, path, seconds):
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            if self.process.poll() is not None:
                break
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.001)
        last = self.log.read_text(errors="replace")[-400:].strip()
        raise Failed(f"{self.process.args[0]} did not answer on port {self.port}: {last or 'it said nothing'}")

    def family(self):
        """The process and its descendants."""
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    waiting += map(int, pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        return found

    def cpu_seconds(self):
        """(user, system) so far, of the whole family."""
        user = system = 0
        for pid in self.family():
            with contextlib.suppress(OSError):
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                user, system = user + int(fields[11]), system + int(fields[12])
        return user / TICK, system / TICK

    def rss_mib(self):
        total = 0
        for pid in self.family():
            with contextlib.suppress(OSError):
                total += int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        return total / 2**20
