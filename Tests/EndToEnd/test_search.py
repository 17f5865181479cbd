"""Search over HTTP: as the document prints it, its pages, its faults."""

import pathlib
import re
import urllib.parse
import uuid

import pytest

from desks import ENGINES, UNLIMITED, Client, psql, refused, running_desk, sign_in
from martlet import Martlet

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/search.md"


def search(client, path, **query):
    return client.get(f"{path}?{urllib.parse.urlencode(query)}")


def word():
    """One that nothing else holds."""
    return "w" + uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))


def test_the_documents_requests(desk):
    marker = word()
    ticket = desk.ticket(title=f"Login Issue {marker}", priority="high", category="authentication", tags=["login", "urgent"])
    article = desk.agent.post("/knowledge-base", {
        "title": f"How to Reset Password {marker}", "content": "Step-by-step guide...", "category": "account", "tags": ["password", "reset"],
        "is_published": True}).json
    found = desk.customer.get("/search/global?query=login")
    assert found.status == 200 and ticket["id"] in [item["id"] for item in found.json["tickets"]["items"]]
    found = desk.customer.get("/knowledge-base/search?query=password&category=account")
    assert article["id"] in [item["id"] for item in found.json["items"]]
    both = search(desk.customer, "/search/global", query=marker).json
    assert [item["id"] for item in both["tickets"]["items"]] == [ticket["id"]]
    assert [item["id"] for item in both["articles"]["items"]] == [article["id"]]
    assert both["tickets"]["items"][0]["snippet"] == f"Login Issue <mark>{marker}</mark>"
    assert [item["id"] for item in search(desk.anonymous, "/knowledge-base/search", query=marker).json["items"]] == [article["id"]]
    assert search(desk.other, "/search/global", query=marker).json["tickets"]["items"] == []


def test_pages_go_on_from_a_global_search(desk):
    marker = word()
    tickets = {desk.ticket(title=f"{marker} {number}")["id"] for number in range(5)}
    first = search(desk.customer, "/search/global", query=marker, limit=2).json["tickets"]
    rest = search(desk.customer, "/search/tickets", query=marker, cursor=first["next"])
    assert {item["id"] for item in first["items"] + rest.json["items"]} == tickets and rest.json["next"] is None
    page = search(desk.customer, "/tickets", q=marker, limit=2, count="true")
    assert page.json["total"] == 5 and len(page.json["items"]) == 2
    again = desk.customer.get(re.search("<(.*)>", page["link"])[1])
    assert len(again.json["items"]) == 2 and not {item["id"] for item in again.json["items"]} & {item["id"] for item in page.json["items"]}


def test_a_question_with_fields_only_is_the_list(desk):
    marker = word()
    ticket = desk.ticket(client=desk.agent, title="Printer", tags=[marker])
    for query in (f"tag:{marker}", f"tag:{marker} status:open", f"tag:{marker} printer"):
        assert [item["id"] for item in search(desk.agent, "/tickets", q=query).json["items"]] == [ticket["id"]], query
    assert search(desk.agent, "/tickets", q=f"tag:{marker} status:open", sort="number").status == 200
    assert [fault["location"] for fault in search(desk.agent, "/tickets", q="printer", sort="number").json["errors"]] == ["sort"]


def test_faults_say_where(desk):
    for path, name in (("/search/tickets", "query"), ("/search/global", "query"), ("/tickets", "q"), ("/knowledge-base/search", "query")):
        for text in ("colour:red", "status:burning", "-printer", ""):
            answer = refused(search(desk.customer, path, **{name: text}), 400, "BAD_REQUEST")
            assert [fault["location"] for fault in answer.json["errors"]] == [name], (path, text)
    refused(desk.customer.get("/search/tickets"), 400, "BAD_REQUEST")
    refused(search(desk.customer, "/search/articles", query="printer status:open"), 400, "BAD_REQUEST")
    refused(search(desk.customer, "/search/tickets", query="printer", cursor="AAAA"), 400, "BAD_REQUEST")


def test_similar_things_are_suggested(desk):
    first, second = word(), word()
    ticket = desk.ticket(title=f"The {first} and the {second}")
    text = f"My {second} does not {first} any more"
    assert [item["id"] for item in search(desk.customer, "/search/suggest", text=text).json["tickets"]] == [ticket["id"]]
    assert search(desk.other, "/search/suggest", text=text).json["tickets"] == []


def test_the_examples_of_the_page_are_understood(desk):
    examples = re.search(r"```\n(.*?)```", PAGE.read_text(), re.S)[1].splitlines()
    assert len(examples) > 5
    for example in examples:
        assert search(desk.agent, "/search/tickets", query=example).status == 200, example


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_that_takes_too_long_is_given_up_as_a_whole(engine, tmp_path):
    with running_desk(engine, tmp_path) as desk:
        # Far more than can be looked through in a millisecond.
        text = " ".join(["printer", "balloon"] * 800)
        for number in range(40):
            desk.ticket(client=desk.agent, title=f"Ticket {number}", description=text)
        path = "/search/tickets?query=printer+balloon+-nothing&limit=100&count=true"
        folder = tmp_path
        if engine == "postgres":
            folder = tmp_path / "hasty"
            folder.mkdir()
        else:
            desk.martlet.stop()
        hasty = Martlet(folder, DATABASE_URL=desk.url, SEARCH_TIMEOUT_MS=1, **UNLIMITED)
        try:
            agent = Client(hasty, sign_in(hasty, "bob", "bob123")["access_token"])
            for _ in range(6):
                answer = refused(agent.get(path), 503, "UNAVAILABLE")
                assert int(answer["retry-after"]) > 0
            assert agent.get("/tickets?limit=1").status == 200
            if engine == "postgres":
                running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() " \
                          "AND (state = 'active' OR xact_start IS NOT NULL)"
                assert psql(desk.url, running) == "0"
        finally:
            hasty.stop()
        if engine == "postgres":
            found = desk.agent.get(path)
            assert found.status == 200 and found.json["total"] == 40
