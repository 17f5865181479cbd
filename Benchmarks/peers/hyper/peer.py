"""Rust's hyper, from Debian's own packages of it."""

import pathlib

from harness import rust
from harness.machine import first_line, package_version

SOURCE = pathlib.Path(__file__).parent


def build(work):
    rust.build(SOURCE, work)


def command(port, loops, work):
    return [work / "target/release/peer-hyper", port, loops], {}


def version():
    return f"hyper {package_version('librust-hyper-dev')}, tokio {package_version('librust-tokio-dev')}, {first_line('rustc', '--version')}"
