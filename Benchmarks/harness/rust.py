"""Builds a peer in Rust from Debian's own crates, as a release with link-time optimization."""

import os
import shutil
import subprocess

from .processes import Failed

# Debian's crates take the place of the registry, so that cargo needs no network.
CARGO_CONFIG = """\
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
[net]
offline = true
"""


def build(source, work):
    if not shutil.which("cargo"):
        raise Failed(f"cargo is not on PATH, and the {source.name} peer is built with it")
    # A copy is built: cargo writes its lock file beside the manifest, and the lock is of this machine's packages.
    shutil.copytree(source / "src", work / "src", dirs_exist_ok=True)
    shutil.copy(source / "Cargo.toml", work)
    home = work / "cargo-home"
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(CARGO_CONFIG)
    run = subprocess.run(
        ["cargo", "build", "--release", "--offline", "--manifest-path", work / "Cargo.toml", "--target-dir", work / "target"],
        env={**os.environ, "CARGO_HOME": str(home)}, capture_output=True, text=True, timeout=900)
    if run.returncode != 0:
        raise Failed(f"the {source.name} peer does not build: {run.stderr[-600:]}")
