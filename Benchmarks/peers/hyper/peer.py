"""Rust's hyper, from Debian's own packages of it, built as a release with link-time optimization."""

import os
import pathlib
import shutil
import subprocess

from harness.machine import first_line, package_version
from harness.processes import Failed

SOURCE = pathlib.Path(__file__).parent

# Debian's crates take the place of the registry, so that cargo needs no network.
CARGO_CONFIG = """\
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
[net]
offline = true
"""


def build(work):
    if not shutil.which("cargo"):
        raise Failed("cargo is not on PATH, and the hyper peer is built with it")
    # A copy is built: cargo writes its lock file beside the manifest, and the lock is of this machine's packages.
    shutil.copytree(SOURCE / "src", work / "src", dirs_exist_ok=True)
    shutil.copy(SOURCE / "Cargo.toml", work)
    home = work / "cargo-home"
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(CARGO_CONFIG)
    run = subprocess.run(
        ["cargo", "build", "--release", "--offline", "--manifest-path", work / "Cargo.toml", "--target-dir", work / "target"],
        env={**os.environ, "CARGO_HOME": str(home)}, capture_output=True, text=True, timeout=900)
    if run.returncode != 0:
        raise Failed(f"the hyper peer does not build: {run.stderr[-600:]}")


def command(port, loops, work):
    return [work / "target/release/peer-hyper", port, loops], {}


def version():
    return f"hyper {package_version('librust-hyper-dev')}, tokio {package_version('librust-tokio-dev')}, {first_line('rustc', '--version')}"
