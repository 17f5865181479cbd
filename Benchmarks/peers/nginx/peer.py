"""Debian's nginx with the answer in its configuration: it makes no body and keeps no log."""

import shutil

from harness.machine import first_line
from harness.processes import Failed

# nginx lies in a folder that is not on everybody's PATH.
BINARY = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")

CONFIGURATION = """\
daemon off;
worker_processes {workers};
pid {work}/{port}.pid;
error_log stderr warn;
events {{
    worker_connections 16384;
    multi_accept on;
}}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 75s;
    default_type application/json;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096 reuseport;
        location = /health {{ return 200 '{{"status":"ok","version":"0.1.0","uptime":123}}'; }}
    }}
}}
"""


def build(work):
    if not BINARY:
        raise Failed("nginx is not installed")


def command(port, loops, work):
    file = work / f"{port}.conf"
    file.write_text(CONFIGURATION.format(port=port, workers=loops, work=work))
    return [BINARY, "-p", work, "-e", "stderr", "-c", file], {}


def version():
    return first_line(BINARY, "-v").replace("nginx version: ", "")
