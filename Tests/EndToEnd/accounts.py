"""People, as the tests of accounts make and use them."""

import json
import urllib.parse

PASSWORD = "correct horse battery"


def send(server, method, path, body=None, token=None, **fields):
    """Sends `body` as JSON, with a bearer token when there is one."""
    if token is not None:
        fields["authorization"] = f"Bearer {token}"
    if body is not None:
        fields.setdefault("content_type", "application/json")
        body = json.dumps(body)
    return server.request(method, path, body, **fields)


def form(server, path, **values):
    return server.request("POST", path, urllib.parse.urlencode(values), content_type="application/x-www-form-urlencoded")


def register(server, email, **more):
    answer = send(server, "POST", "/auth/register",
                  {"email": email, "password": PASSWORD, "first_name": "Eve", "last_name": "Doe", **more})
    return answer


def login(server, name, password=PASSWORD):
    return send(server, "POST", "/auth/login", {"email": name, "password": password})


def locations(answer):
    """Where the faults of a refused body are."""
    return sorted(fault["location"] for fault in answer.json["errors"])
