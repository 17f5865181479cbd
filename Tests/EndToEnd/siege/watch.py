"""Looks at a process's memory while something else goes on."""

import pathlib
import threading
import time


def resident_mib(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 2**20


class MemoryWatch(threading.Thread):
    """Notes the most that the process took, five times a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.highest = pid, 0
        self.ends = threading.Event()
        self.start()

    def run(self):
        while not self.ends.wait(0.2):
            try:
                self.highest = max(self.highest, resident_mib(self.pid))
            except (FileNotFoundError, ProcessLookupError, IndexError):
                return


def comes_back(pid, mib, seconds):
    """How many seconds it took until the process was back at that much; None when it never was."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if resident_mib(pid) <= mib:
            return time.monotonic() - begun
        time.sleep(0.5)
    return None
