"""The program's commands, run as an operator would: with nothing in the environment but the settings given."""

import os
import subprocess

from martlet import BINARY


def martlet(folder, *arguments, stdin="", **settings):
    """What became of a command: `returncode`, `stdout`, `stderr`."""
    environment = {"PATH": os.environ["PATH"]} | {name: str(value) for name, value in settings.items()}
    return subprocess.run(
        [BINARY, *arguments], cwd=folder, env=environment, input=stdin, capture_output=True, text=True, timeout=60)


def done(folder, *arguments, **more):
    """What a command that must succeed printed."""
    result = martlet(folder, *arguments, **more)
    assert (result.returncode, result.stderr) == (0, ""), (result.returncode, result.stdout, result.stderr)
    return result.stdout


def failed(folder, *arguments, **more):
    """The sentence with which a command failed; it printed nothing else."""
    result = martlet(folder, *arguments, **more)
    assert (result.returncode, result.stdout) == (1, ""), (result.returncode, result.stdout, result.stderr)
    assert result.stderr.startswith("martlet: ") and result.stderr.count("\n") == 1, result.stderr
    return result.stderr.removeprefix("martlet: ").strip()


def misunderstood(folder, *arguments, **more):
    """The first line with which a command line was refused."""
    result = martlet(folder, *arguments, **more)
    assert (result.returncode, result.stdout) == (2, ""), (result.returncode, result.stdout, result.stderr)
    return result.stderr.splitlines()[0].removeprefix("martlet: ")
