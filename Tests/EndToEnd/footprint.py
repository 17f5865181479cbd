"""What a server costs its machine: memory of the process, and what the kernel holds for its clients."""

import pathlib
import re
import time


def resident_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def kernel_holds(port):
    """Bytes that the kernel holds for the clients of a port of this machine, those of connections that the server has closed among them."""
    held = 0
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(f":{port:04X}") and words[3] != "0A":
            held += int(words[4].split(":")[0], 16)
    return held


def settles(measure, bound, seconds=60):
    """Waits until what is measured is below the bound. What it was at last."""
    end = time.monotonic() + seconds
    while (found := measure()) >= bound and time.monotonic() < end:
        time.sleep(0.25)
    return found
