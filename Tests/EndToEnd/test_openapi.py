import gzip
import json
import re

import pytest
from jsonschema import Draft202012Validator, ValidationError
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
        if "get" not in item or "parameters" in item:
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


class TestWhatABodyMayBe:
    """The document narrows what the server narrows."""

    def schema(self, document, name):
        return document["components"]["schemas"][name]

    def test_exactly_one_of_what_excludes_each_other(self, document):
        assert self.schema(document, "BulkChange")["allOf"] == [
            {"oneOf": [{"required": ["ids"]}, {"required": ["filter"]}]}, {"oneOf": [{"required": ["set"]}, {"required": ["action"]}]}]
        assert self.schema(document, "RequesterName")["allOf"] == [{"oneOf": [{"required": ["id"]}, {"required": ["email"]}]}]

    def test_fields_that_are_not_known(self, document):
        for name in ("Credentials", "RefreshToken", "NewUser", "NewTicket"):
            assert self.schema(document, name)["additionalProperties"] is False
        for name in ("CSRCredentials", "CSRRefreshToken"):
            assert "additionalProperties" not in self.schema(document, name)

    def test_words_and_forms(self, document):
        field = lambda shape, name: self.schema(document, shape)["properties"][name]
        assert field("NewAPIKey", "scopes")["minItems"] == 1
        assert field("RequesterName", "email")["format"] == "email"
        assert field("NewUser", "role")["enum"] == field("UserChange", "role")["enum"] == ["customer", "agent", "admin"]
        for shape, name, good, bad in (
            ("NewArticle", "slug", ["how-to-print", "2", "größe"], ["A", "a--b", "-a", "a b", "a/b", ""]),
            ("NewUser", "username", ["eve", "Eve Adams", "e"], ["e@x", " eve", "eve ", ""]),
            ("OwnChange", "locale", ["en", "pt-BR"], ["e_n", "-en", "en-"]),
            ("OwnChange", "time_zone", ["UTC", "Europe/Berlin", "Etc/GMT+2"], ["/UTC", "a b"]),
        ):
            schema = field(shape, name)
            pattern = schema.get("pattern") or next(part["pattern"] for part in schema["anyOf"] if "pattern" in part)
            assert all(re.search(pattern, text) for text in good) and not any(re.search(pattern, text) for text in bad), (shape, name)
        uuid_or_address = field("LiveMessageDraft", "attachments")["items"]["oneOf"]
        assert uuid_or_address[0]["format"] == "uuid" and re.search(uuid_or_address[1]["pattern"], "HTTPS://a.example/b")
        assert not any(re.search(uuid_or_address[1]["pattern"], bad) for bad in ("ftp://a", "http:///a", "http://a b", "javascript:a"))

    def test_queries(self, document):
        query = {part["name"]: part for part in document["paths"]["/tickets"]["get"]["parameters"]}
        keys = ["created_at", "updated_at", "priority", "number"]
        assert sorted(query["sort"]["schema"]["enum"]) == sorted(keys + [f"-{key}" for key in keys])
        assert query["assignee"]["schema"]["items"]["oneOf"][1]["enum"] == ["me", "none"]
        # An empty list is none; an empty text is.
        assert query["status"]["allowEmptyValue"] is True and "allowEmptyValue" not in query["q"]

    def test_what_the_server_does_with_them(self, desk):
        for query in ("status=", "category=", "assignee="):
            assert desk.agent.get(f"/tickets?{query}").status == 200
        for query in ("q=", "sort=", "sort=title", "assignee=you"):
            answer = desk.agent.get(f"/tickets?{query}")
            assert (answer.status, answer.json["message"]) == (400, "Invalid query")

    def test_a_persons_tickets_may_be_fewer_at_the_address_that_is_shared(self, desk):
        for _ in range(2):
            desk.ticket(desk.other)
        path = f"/tickets/{desk.other.id}"
        assert len(desk.agent.get(path).json) >= 2 and len(desk.agent.get(f"{path}?limit=1").json) == 1

    def test_engine_io_tells_its_query_and_its_faults(self, server, document):
        for method in ("get", "post"):
            operation = document["paths"]["/socket.io"][method]
            assert {part["name"] for part in operation["parameters"]} == {"EIO", "transport", "sid"}
            content = operation["responses"]["400"]["content"]["application/json"]["schema"]
            validator = Draft202012Validator({**content, "components": document["components"]})
            validator.validate(server.request(method.upper(), "/socket.io").json)
            with pytest.raises(ValidationError):
                validator.validate({"code": "0"})
        assert "text/plain; charset=utf-8" in document["paths"]["/socket.io"]["post"]["requestBody"]["content"]
