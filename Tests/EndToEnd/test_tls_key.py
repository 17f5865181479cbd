"""A key that is protected by a pass phrase, given to a server that somebody starts at a terminal."""

import fcntl
import os
import pty
import shutil
import subprocess
import termios

import pytest

from martlet import BINARY


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a key with")
def test_a_protected_key_is_refused_in_a_sentence_and_nobody_is_asked(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-passout", "pass:secret", "-days", "2", "-subj", "/CN=a",
         "-keyout", tmp_path / "key.pem", "-out", tmp_path / "chain.pem"], check=True, capture_output=True, timeout=60)
    ours, theirs = pty.openpty()

    def take_terminal():
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    environment = {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": "0", "TLS_CERT": str(tmp_path / "chain.pem"), "TLS_KEY": str(tmp_path / "key.pem")}
    process = subprocess.Popen(
        [BINARY, "serve"], cwd=tmp_path, env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=take_terminal)
    try:
        # One that asks waits for ever.
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)
    assert process.returncode == 1
    assert errors == f"martlet: {tmp_path}/key.pem is protected by a pass phrase: give a key without one, as `openssl pkey` writes it\n"
