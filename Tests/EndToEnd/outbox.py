"""What waits to be mailed, read where it is kept, and opened with the desk's secret."""

import contextlib
import ctypes
import hashlib
import hmac
import json
import sqlite3

from desks import psql

SODIUM = ctypes.CDLL("libsodium.so.23")


def rows(url, query):
    if not url.startswith("sqlite:"):
        return [line.split("|", 1) for line in psql(url, query).splitlines()]
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:"), timeout=10)) as connection:
        return connection.execute(query).fetchall()


def hexed(url, column):
    return f"hex({column})" if url.startswith("sqlite:") else f"encode({column}, 'hex')"


def opened(sealed, secret):
    """What a box says: a nonce of 24 bytes in front, XSalsa20-Poly1305 behind it, and inside whose it is in 16."""
    extracted = hmac.new(b"", secret, hashlib.sha256).digest()
    key = hmac.new(extracted, b"martlet mail\x01", hashlib.sha256).digest()
    nonce, box = sealed[:24], sealed[24:]
    text = ctypes.create_string_buffer(len(box))
    assert SODIUM.crypto_secretbox_open_easy(text, box, ctypes.c_ulonglong(len(box)), nonce, key) == 0, "sealed with another secret"
    return text.raw[16:len(box) - 16]


def mailed_links(url, where="1 = 1", secret=None):
    """The links of the mails that wait, the newest last.

    - secret: the desk's, where it was set; else the one that the desk has made and keeps."""
    if secret is None:
        # Not by name: SQLite itself has no such order of texts as the server gives it.
        secret = bytes.fromhex(dict(rows(url, f"SELECT name, {hexed(url, 'secret')} FROM secrets"))["own tokens"])
    found = rows(url, f"SELECT {hexed(url, 'payload')} FROM outbox WHERE done_at IS NULL AND {where} ORDER BY id")
    return [json.loads(opened(bytes.fromhex(payload), secret))["link"] for [payload] in found]


def mailed_link(url, address, kind):
    """The link in the newest mail of that kind to that address."""
    found = mailed_links(url, f"address = '{address}' AND kind = '{kind}'")
    assert found, f"nothing of {kind} waits for {address}"
    return found[-1]
