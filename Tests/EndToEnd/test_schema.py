"""The server against its own document: schemathesis makes up requests of every operation, good ones, bad ones and chains of them, and
looks whether each answer is one that the document tells of. A pinned seed makes the same requests each time."""

import os
import pathlib
import subprocess
import sys
import uuid

import pytest

from desks import ENGINES, running_desk
from test_permissions import SECRET, token_of_theirs

SEED = 20250723
# How many requests are made up of each operation, and after how many seconds a run is given up.
EXAMPLES = os.environ.get("SCHEMA_EXAMPLES", "8")
SECONDS = int(os.environ.get("SCHEMA_SECONDS", "240"))

# What the document cannot say: which cursor, zone or agent there is.
UNKNOWABLE = "positive_data_acceptance"

CONFIG = """
# The Live dialect's own limits are reached soon: who asks too often is refused, whatever else is wrong.
[checks]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "409", "415", "429"]

# What has no end, and what is another protocol over HTTP, is tested elsewhere.
[[operations]]
include-path = "/events/stream"
enabled = false

[[operations]]
include-path = "/socket.io"
enabled = false

# An empty filter is none.
[[operations]]
include-path = "/tickets"
include-method = "GET"
[operations.checks.negative_data_rejection]
enabled = false

# The operator's own machine needs no credential.
[[operations]]
include-path = "/metrics"
[operations.checks.ignored_auth]
enabled = false
[operations.checks.missing_required_header]
enabled = false

# Nothing leads to these, so they are told what there is.
[[operations]]
include-path-regex = "^/tickets/[{{]user[}}]/"
[operations.parameters]
"path.user" = "{customer}"

[[operations]]
include-path-regex = "/followers/"
[operations.parameters]
"path.user" = "{agent}"

# A stream has no end to wait for, and a socket is no request: both have tests of their own.
[[operations]]
include-path-regex = "^/(events/stream|ws)$"
enabled = false

[[operations]]
include-path = "/tickets/embed/{{token}}"
[operations.parameters]
"path.token" = "{embed}"
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.timeout(SECONDS + 60)
def test_answers_are_as_documented(engine, tmp_path):
    with running_desk(engine, tmp_path, DELEGATED_JWT_SECRET=SECRET) as desk:
        config = tmp_path / "schemathesis.toml"
        config.write_text(CONFIG.format(customer=desk.other.id, agent=desk.colleague.id, embed=desk.ticket(desk.other)["embed_token"]))
        # An admin of another system has no sign-in here that a made-up request could end.
        admin = token_of_theirs(SECRET, id="fuzzer", username="Fuzzer", email=f"{uuid.uuid4().hex}@example.com", role="ADMIN")
        done = subprocess.run(
            [pathlib.Path(sys.executable).with_name("schemathesis"), f"--config-file={config}", "run", f"{desk.martlet.url}/openapi.json",
             f"--seed={SEED}", f"--max-examples={EXAMPLES}", f"--header=Authorization: Bearer {admin}", "--no-color", "--continue-on-failure",
             f"--exclude-checks={UNKNOWABLE}", "--phases=examples,coverage,fuzzing,stateful"],
            cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS)
        failures = done.stdout[done.stdout.find("= FAILURES =") :]
        assert done.returncode == 0, failures[:10_000] + failures[-2_000:] + done.stderr[-2_000:]
        # Every phase that the document has something for was gone through.
        assert all(f"✅ {phase}" in done.stdout for phase in ("Coverage", "Fuzzing", "Stateful")), done.stdout[-2_000:]
