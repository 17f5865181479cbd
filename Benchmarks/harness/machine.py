"""Where a measurement was made. A number without it says nothing."""

import datetime
import os
import pathlib
import platform
import subprocess


def first_line(*command):
    """What a program says of its version, or "not there"."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "not there" if isinstance(error, OSError) else "silent"
    lines = (run.stdout + run.stderr).strip().splitlines()
    return lines[0].strip() if lines else "silent"


def package_version(name):
    """The version of a Debian package, for programs and libraries that cannot be asked."""
    return first_line("dpkg-query", "-W", "-f=${Version}", name)


def describe():
    model = next(
        (line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.machine())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return f"{date} · {model}, {os.cpu_count()} cores, {memory:.0f} GiB · Linux {platform.release()} · wrk {package_version('wrk')}"
