"""A store that speaks S3, in memory: enough of it for files, and it believes no request whose signature botocore would not have made."""

import contextlib
import hashlib
import http.server
import socket
import threading
import time
import urllib.parse

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY, SECRET, REGION, BUCKET = "AKIATEST", "a/secret+of@tests", "eu-central-1", "bucket"


def signature(handler, body):
    """What the request's signature must be, from the fields that it says are signed."""
    authorization = handler.headers["Authorization"]
    signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    assert {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed), signed
    request = AWSRequest(handler.command, f"http://{handler.headers['Host']}{handler.path}", data=body)
    for name in signed:
        request.headers[name] = handler.headers[name]
    request.context["timestamp"] = handler.headers["X-Amz-Date"]
    signer = S3SigV4Auth(Credentials(KEY, SECRET), "s3", REGION)
    return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections.append(self.connection)

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_genuine(self, body):
        digest = hashlib.sha256(body).hexdigest()
        given = self.headers.get("Authorization", "").split("Signature=")[-1]
        is_key = f"Credential={KEY}/" in self.headers.get("Authorization", "")
        if is_key and self.headers["x-amz-content-sha256"] == digest and given == signature(self, body):
            return True
        self.server.refused.append(f"{self.command} {self.path}")
        self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        return False

    @property
    def name(self):
        return urllib.parse.urlsplit(self.path).path.removeprefix(f"/{BUCKET}/")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.is_genuine(body):
            self.server.files[self.name] = (body, time.time())
            self.answer(200)

    def do_DELETE(self):
        if self.is_genuine(b""):
            self.server.files.pop(self.name, None)
            self.answer(204)

    def do_GET(self):
        if not self.is_genuine(b""):
            return
        if "?" in self.path:
            return self.list()
        if self.name not in self.server.files:
            return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        body = self.server.files[self.name][0]
        if "Range" not in self.headers:
            return self.answer(200, body)
        first, last = (int(number) for number in self.headers["Range"].removeprefix("bytes=").split("-"))
        if first >= len(body):
            return self.answer(416)
        self.server.ranges += 1
        self.answer(206, body[first : last + 1], Content_Range=f"bytes {first}-{min(last, len(body) - 1)}/{len(body)}")

    def list(self):
        """Two at a time, so that there are pages."""
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        start = query.get("continuation-token", [""])[0]
        names = sorted(name for name in self.server.files if name.startswith(query["prefix"][0]) and name > start)
        rows = "".join(
            f"<Contents><Key>{name}</Key><LastModified>{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(self.server.files[name][1]))}"
            "</LastModified></Contents>" for name in names[:2])
        more = f"<NextContinuationToken>{names[1]}</NextContinuationToken>" if len(names) > 2 else ""
        self.answer(200, f"<ListBucketResult><IsTruncated>{str(bool(more)).lower()}</IsTruncated>{rows}{more}</ListBucketResult>".encode())


class Store:
    """Comes and goes at one port, and keeps its files meanwhile."""

    def __init__(self):
        self.files, self.refused = {}, []
        self.port = 0
        self.start()

    @property
    def url(self):
        secret = urllib.parse.quote(SECRET, safe="")
        return f"http://{KEY}:{secret}@127.0.0.1:{self.port}/{BUCKET}/desk/files?region={REGION}"

    def start(self):
        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        self.server.files, self.server.refused, self.server.ranges = self.files, self.refused, 0
        self.server.daemon_threads, self.server.connections = True, []
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        for connection in self.server.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.thread.join()
