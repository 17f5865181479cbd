import gzip
import json

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator


def test_the_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_a_spoiled_document_is_not(document):
    spoiled = json.loads(json.dumps(document))
    del spoiled["paths"]["/assets/docs/{file}"]["parameters"]
    assert "file" in next(OpenAPIV31SpecValidator(spoiled).iter_errors()).message


def test_both_addresses_give_the_same(server):
    assert server.get("/openapi.json").body == server.get("/api/v1/openapi.json").body


def test_it_is_json_that_a_client_may_keep(server):
    plain = server.get("/openapi.json")
    packed = server.get("/openapi.json", accept_encoding="gzip")
    assert plain["content-type"] == packed["content-type"] == "application/json"
    assert plain["content-encoding"] is None and packed["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain["etag"] != packed["etag"]
    assert server.get("/openapi.json", if_none_match=plain["etag"]).status == 304


def test_it_names_the_running_version(server, document):
    assert document["info"]["version"] == server.get("/health").json["version"]


def test_operations_have_names_of_their_own(document):
    ids = [operation["operationId"] for item in document["paths"].values() for key, operation in item.items() if key != "parameters"]
    assert len(ids) == len(set(ids)) > 5
    tags = {tag["name"] for tag in document["tags"]}
    assert tags == {tag for item in document["paths"].values() for key, operation in item.items() if key != "parameters" for tag in operation["tags"]}


def test_every_documented_get_answers_as_the_document_says(server, document):
    asked = 0
    for path, item in document["paths"].items():
        # Socket.IO's clients know its own refusals and no others.
        if "get" not in item or "parameters" in item or path == "/socket.io":
            continue
        answer = server.get(path)
        described = item["get"]["responses"][str(answer.status)]
        if "$ref" in described:
            described = document["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
        assert answer["content-type"] in described["content"], path
        schema = described["content"][answer["content-type"]]["schema"]
        if answer["content-type"] == "application/json":
            faults = Draft202012Validator({**schema, "components": document["components"]}).iter_errors(answer.json)
            assert [fault.message for fault in faults] == [], path
        asked += 1
    assert asked > 5


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/no-such-route", 404),
        ("GET", "/assets/docs/no-such-file", 404),
        ("DELETE", "/health", 405),
        ("GET", "/health?no-such-parameter=1", 400),
        ("GET", "/a/../b", 400),
    ],
)
def test_errors_look_as_the_document_says(server, document, method, path, status):
    answer = server.request(method, path)
    assert answer.status == status
    schema = {"$ref": "#/components/schemas/Error", "additionalProperties": False, "components": document["components"]}
    schema["properties"] = {name: True for name in document["components"]["schemas"]["Error"]["properties"]}
    assert [fault.message for fault in Draft202012Validator(schema).iter_errors(answer.json)] == []
    assert answer.json["request_id"] == answer["x-request-id"]
