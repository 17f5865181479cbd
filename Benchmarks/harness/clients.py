"""Our own clients, each a process on the load's core, that say what they see as a line of JSON."""

import json
import select
import subprocess
import sys

from .bench import FOLDER
from .processes import Failed, spawn, stop


class Client:
    def __init__(self, bench, name, *arguments, nice=19, cores=None):
        self.name = name
        command = [sys.executable, str(FOLDER / "clients" / f"{name}.py"), *map(str, arguments)]
        self.process = spawn(
            command, cores or bench.load_core, nice=nice, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process, patience=2)
        self.process.stdin.close()
        self.process.stdout.close()

    def hear(self, seconds):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            raise Failed(f"the {self.name} clients said nothing within {seconds} s")
        return json.loads(line)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
