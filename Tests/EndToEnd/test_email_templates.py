"""`/email-templates`: what mails say, and how admins change it."""

import pytest

from desks import ENGINES, refused, running_desk

NAMES = ["ticket_created", "ticket_assigned", "ticket_status_changed", "comment_added", "password_reset", "address_verification"]


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    with running_desk(request.param, tmp_path_factory.mktemp("templates")) as desk:
        yield desk


def test_all_are_there_with_their_fields(desk):
    page = desk.admin.get("/email-templates").json
    assert [item["name"] for item in page["items"]] == NAMES and page["next"] is None
    for item in page["items"]:
        assert item == desk.admin.get(f"/email-templates/{item['name']}").json
        assert item["subject"] and item["body"] and {"name", "description"} == set(item["fields"][0])
    refused(desk.admin.get("/email-templates/none"), 404, "NOT_FOUND")


def test_it_is_written_and_dropped(desk):
    path = "/email-templates/ticket_created"
    first = desk.admin.get(path)
    assert first.json["is_default"] and first.json["updated_at"] is None
    text = {"subject": "#{{ticket.number}}", "body": "Hello {{ recipient.name }}"}
    written = desk.admin.put(path, text, if_match=first["etag"])
    assert written.status == 200 and not written.json["is_default"] and written.json["updated_at"]
    assert {name: written.json[name] for name in text} == text
    assert desk.admin.put(path, text)["etag"] == written["etag"]
    refused(desk.admin.put(path, text, if_match=first["etag"]), 412, "PRECONDITION_FAILED")
    assert desk.admin.get(path, if_none_match=written["etag"]).status == 304
    assert desk.admin.delete(path).status == 204
    last = desk.admin.get(path)
    assert last.json["is_default"] and last.json["body"] == first.json["body"] and last["etag"] not in (first["etag"], written["etag"])


def test_all_that_is_wrong_is_told_with_its_place(desk):
    answer = desk.admin.put(
        "/email-templates/password_reset", {"subject": "Hi {{ticket.title}}\nBcc: x@example.com", "body": "a\n b {{link.uri}} {{link.url"})
    refused(answer, 400, "BAD_REQUEST")
    faults = [(fault["location"], fault["type"], fault.get("context")) for fault in answer.json["errors"]]
    assert faults == [
        ("subject", "unknown_field", {"line": 1, "column": 4}),
        ("body", "unknown_field", {"line": 2, "column": 4}),
        ("body", "unclosed_field", {"line": 2, "column": 17}),
        ("subject", "value_error", None),
    ]
    answer = desk.admin.put("/email-templates/password_reset", {"subject": "x", "body": "no link"})
    assert [fault["type"] for fault in answer.json["errors"]] == ["missing_field"]
    answer = desk.admin.put("/email-templates/password_reset", {"subject": "", "html": "x"})
    assert {fault["location"] for fault in answer.json["errors"]} == {"subject", "body", "html"}


def test_a_preview_is_about_a_sample_or_a_ticket(desk):
    path = "/email-templates/comment_added/preview"
    sample = desk.admin.post(path, {}).json
    assert "{{" not in sample["subject"] + sample["text"]
    ticket = desk.ticket(title="A {{ticket.number}}\tof mine")
    shown = desk.admin.post(path, {"ticket": ticket["number"], "subject": "{{ticket.title}}", "body": "{{ticket.number}}: {{ticket.url}}"})
    assert shown.json["subject"] == "A {{ticket.number}} of mine"
    assert shown.json["text"].startswith(f"{ticket['number']}: http")
    assert desk.admin.get("/email-templates/comment_added").json["is_default"]
    refused(desk.admin.post(path, {"ticket": 4711}), 404, "NOT_FOUND")
    refused(desk.admin.post(path, {"body": "{{nothing}}"}), 400, "BAD_REQUEST")


def test_they_are_the_admins(desk):
    for client in (desk.customer, desk.agent):
        refused(client.get("/email-templates"), 403, "FORBIDDEN")
        refused(client.put("/email-templates/comment_added", {"subject": "x", "body": "y"}), 403, "FORBIDDEN")
