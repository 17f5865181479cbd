"""One measured run of wrk against one server."""

import dataclasses
import re
import subprocess

from .processes import Failed, spawn, stop

UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


@dataclasses.dataclass
class Measured:
    requests: int
    rate: float         # requests a second
    p50: float          # ms
    p99: float          # ms
    user: float         # CPU µs a request, of the server's processes
    system: float
    rss: float          # MiB, right after the load
    errors: int         # connections lost, time-outs, answers that were not 2xx
    database: float = 0  # CPU µs a request, of PostgreSQL's processes

    @property
    def cpu(self):
        return self.user + self.system

    @property
    def total(self):
        return self.cpu + self.database


def milliseconds(text):
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


def wrk_says(url, seconds, connections, cores, script=None, arguments=()):
    """What wrk prints."""
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "10s", "--latency"]
    command += ["--script", str(script)] if script else []
    command += [url, *(["--", *map(str, arguments)] if arguments else [])]
    process = spawn(command, cores, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        text, _ = process.communicate(timeout=seconds + 30)
    except subprocess.TimeoutExpired:
        raise Failed(f"wrk did not come to an end against {url}") from None
    finally:
        stop(process)
    return text


def run_wrk(url, seconds, connections, cores, script=None, arguments=()):
    """Returns (requests, rate, p50, p99, errors) as wrk reports them."""
    text = wrk_says(url, seconds, connections, cores, script, arguments)
    total = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", text)
    p50, p99 = (re.search(rf"^\s+{percent}%\s+(\S+)\s*$", text, re.MULTILINE) for percent in (50, 99))
    if not (total and rate and p50 and p99) or int(total[1]) == 0:
        raise Failed(f"wrk measured nothing against {url}: {text[-400:]}")
    errors = sum(int(n) for line in re.findall(r"Socket errors:(.*)", text) for n in re.findall(r"\d+", line))
    errors += sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    return int(total[1]), float(rate[1]), milliseconds(p50[1]), milliseconds(p99[1]), errors


def measure(server, seconds, cores, connections=64, path="/health", script=None, arguments=(), warm_up=1, postgres=None):
    """Loads the server and says what each request cost it, and `postgres` when it has one. The warm-up is not counted."""
    url = f"http://127.0.0.1:{server.port}{path}"
    if warm_up:
        run_wrk(url, warm_up, connections, cores, script, arguments)
    (user, system), database = server.cpu_seconds(), postgres.cpu_seconds() if postgres else 0
    requests, rate, p50, p99, errors = run_wrk(url, seconds, connections, cores, script, arguments)
    (user_after, system_after), database_after = server.cpu_seconds(), postgres.cpu_seconds() if postgres else 0
    microseconds = 1e6 / requests
    return Measured(
        requests, rate, p50, p99, (user_after - user) * microseconds, (system_after - system) * microseconds, server.rss_mib(), errors,
        (database_after - database) * microseconds)
