"""Tokens as an outside issuer makes them, and one-time codes as an app does; with nothing but the standard library and openssl."""

import base64
import functools
import hashlib
import hmac
import json
import struct
import subprocess
import time


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, stdin=b""):
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def hs256(claims, secret, **head):
    """A token signed with a shared secret."""
    signed = ".".join(b64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"} | head, claims))
    return f"{signed}.{b64(hmac.new(secret if isinstance(secret, bytes) else secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def unsigned(claims):
    return ".".join(b64(json.dumps(part).encode()) for part in ({"alg": "none", "typ": "JWT"}, claims)) + "."


class Key:
    """A pair of keys of an issuer."""

    def __init__(self, folder, algorithm, kid=None):
        self.algorithm, self.kid = algorithm, kid or algorithm.lower()
        self.path, self.public_path = folder / f"{self.kid}.pem", folder / f"{self.kid}.pub.pem"
        kind = {"RS256": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ES256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                "EdDSA": ["ED25519"]}[algorithm]
        openssl("genpkey", "-algorithm", *kind, "-out", str(self.path))
        openssl("pkey", "-in", str(self.path), "-pubout", "-out", str(self.public_path))

    def token(self, claims):
        signed = ".".join(b64(json.dumps(part).encode()) for part in ({"alg": self.algorithm, "kid": self.kid}, claims))
        return f"{signed}.{b64(self.sign(signed.encode()))}"

    def sign(self, data):
        if self.algorithm == "EdDSA":
            (message := self.path.with_suffix(".message")).write_bytes(data)
            return openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(self.path), "-in", str(message))
        signature = openssl("dgst", "-sha256", "-sign", str(self.path), stdin=data)
        return self.parts(signature) if self.algorithm == "ES256" else signature

    @staticmethod
    def parts(der):
        """The two numbers of an ECDSA signature, as JWS has them."""
        length = der[3]
        numbers = der[4:4 + length], der[6 + length:]
        return b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in numbers)

    @functools.cached_property
    def jwk(self):
        key = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        der = openssl("pkey", "-in", str(self.path), "-pubout", "-outform", "DER")
        if self.algorithm == "RS256":
            modulus = openssl("rsa", "-in", str(self.path), "-noout", "-modulus").decode().strip().split("=")[1]
            return key | {"kty": "RSA", "n": b64(bytes.fromhex(modulus)), "e": "AQAB"}
        if self.algorithm == "ES256":
            return key | {"kty": "EC", "crv": "P-256", "x": b64(der[-64:-32]), "y": b64(der[-32:])}
        return key | {"kty": "OKP", "crv": "Ed25519", "x": b64(der[-32:])}


def totp(secret, shift=0):
    """The code that an app shows for a secret in Base32, `shift` steps of thirty seconds from now."""
    step = struct.pack(">Q", int(time.time()) // 30 + shift)
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), step, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
