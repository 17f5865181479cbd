"""`/email-templates`: what mails say, and how admins change it."""

import re

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
    ticket = desk.ticket(title="A {{ticket.number}} of mine")
    shown = desk.admin.post(path, {"ticket": ticket["number"], "subject": "{{ticket.title}}", "body": "{{ticket.number}}: {{ticket.url}}"})
    assert shown.json["subject"] == "A {{ticket.number}} of mine"
    assert shown.json["text"].startswith(f"{ticket['number']}: http")
    assert desk.admin.get("/email-templates/comment_added").json["is_default"]
    refused(desk.admin.post(path, {"ticket": 4711}), 404, "NOT_FOUND")
    refused(desk.admin.post(path, {"body": "{{nothing}}"}), 400, "BAD_REQUEST")


def test_a_preview_is_html_in_which_no_field_means_anything(desk):
    path = "/email-templates/comment_added/preview"
    text = {"subject": "x", "body": "# Hello\n\n**{{ticket.title}}** {{requester.name}} [it]({{ticket.url}}) <b>\n\n{{ticket.title}}"}
    assert desk.admin.post(path, text).json["html"].startswith("<h1>Hello</h1>\n<p><strong>")
    hostile = "<img src=x onerror=alert(1)> **bold** [a](javascript:x) ![b](https://c.example/d.png) # `e` ~~f~~ | g | &lt; https://h.example"
    ticket = desk.ticket(title=hostile)
    shown = desk.admin.post(path, text | {"ticket": ticket["number"]}).json
    html = shown["html"]
    plain = hostile.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "&#96;")
    assert html.count(plain) == 2 and f"<p>{plain}</p>" in html, html
    # What stands there was written by the admin: a heading, something strong, a link; and a tag is shown as the text that it is.
    assert set(re.findall(r"<(\w+)", html)) == {"h1", "p", "strong", "a"} and html.count("<a ") == 1 and "&lt;b&gt;" in html, html
    assert hostile in shown["text"]


def test_what_people_wrote_as_markdown_is_a_quotation_of_its_own(desk):
    path = "/email-templates/ticket_created/preview"
    ticket = desk.ticket(description="*One*\n\n```\nnever closed <script>x</script>\n\n[mail]: https://evil.example")
    body = "Before\n{{ticket.description}}\n**After** [mail]"
    html = desk.admin.post(path, {"ticket": ticket["number"], "body": body}).json["html"]
    before, rest = html.split("<blockquote>")
    quoted, after = rest.split("</blockquote>")
    assert before == "<p>Before</p>\n" and after.strip() == "<p><strong>After</strong> [mail]</p>", html
    assert "<em>One</em>" in quoted and "<script" not in html and "evil" not in after


def test_a_long_preview(desk):
    answer = desk.admin.post("/email-templates/ticket_created/preview", {"body": "*a* " * 16_000})
    assert answer.status == 200 and answer.json["html"].count("<em>") == 16_000


def test_they_are_the_admins(desk):
    for client in (desk.customer, desk.agent):
        refused(client.get("/email-templates"), 403, "FORBIDDEN")
        refused(client.put("/email-templates/comment_added", {"subject": "x", "body": "y"}), 403, "FORBIDDEN")
