"""The knowledge base: its requests as they are documented, what readers see and count, and the help pages that stand on it."""

import gzip
import json
import os
import pathlib
import re
import shutil
import time
import uuid
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from desks import ENGINES, refused, running_desk
from streams import DeskSocket, EventStream

HOME = "https://desk.example"
HOSTILE = json.loads((pathlib.Path(__file__).parent / "hostile_markdown.json").read_text())


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    with running_desk(request.param, tmp_path_factory.mktemp("knowledge"), PUBLIC_URL=HOME) as desk:
        yield desk


def article(desk, client=None, **fields):
    body = {"title": f"Article {uuid.uuid4().hex}", "content": "Step-by-step guide...", "is_published": True} | fields
    answer = (client or desk.agent).post("/knowledge-base", body)
    assert answer.status == 201, answer.body
    return answer.json


def eventually(question, seconds=10):
    deadline = time.monotonic() + seconds
    while not (found := question()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


class TestArticles:
    def test_a_draft_does_not_tell_what_it_was_called(self, desk):
        word = uuid.uuid4().hex
        draft = article(desk, is_published=False, title=f"Secret {word}")
        path = f"/knowledge-base/{draft['id']}"
        public = desk.agent.patch(path, {"title": f"Public {word}", "is_published": True}).json
        assert public["slug"] == f"public-{word}"
        assert desk.anonymous.get(path).json["slug"] == public["slug"]
        refused(desk.anonymous.get(f"/knowledge-base/{draft['slug']}"), 404, "NOT_FOUND")
        events = [event for event in desk.customer.get("/events?limit=100&types=article.published").json["items"] if event["data"]["id"] == draft["id"]]
        assert events and "secret-" not in json.dumps(events)

    def test_categories_come_on_one_page(self, desk):
        article(desk, category="One page")
        answer = desk.anonymous.get("/knowledge-base/categories").json
        assert answer["next"] is None and "One page" in [category["name"] for category in answer["items"]]

    def test_the_documented_request(self, desk):
        body = """{
          "title": "How to Reset Password",
          "content": "Step-by-step guide...",
          "category": "account",
          "tags": ["password", "reset"],
          "is_published": true
        }"""
        answer = desk.agent.post("/knowledge-base", body, content_type="application/json")
        made = answer.json
        assert answer.status == 201 and answer["location"] == f"/knowledge-base/{made['id']}"
        assert made["slug"].startswith("how-to-reset-password") and made["author"]["name"] and made["tags"] == ["password", "reset"]
        assert (made["view_count"], made["helpful"], made["unhelpful"]) == (0, 0, 0)
        for name in (made["id"], made["slug"]):
            read = desk.anonymous.get(f"/knowledge-base/{name}")
            assert read.status == 200 and read.json == made | {"view_count": read.json["view_count"]}
            assert read["etag"] and desk.anonymous.get(f"/knowledge-base/{name}", if_none_match=read["etag"]).status == 304
        assert made["id"] in [item["id"] for item in desk.anonymous.get("/knowledge-base?category=account&tag=reset").json["items"]]

    def test_only_staff_write(self, desk):
        body = {"title": "a", "content": "b"}
        refused(desk.anonymous.post("/knowledge-base", body), 401, "UNAUTHORIZED")
        refused(desk.customer.post("/knowledge-base", body), 403, "FORBIDDEN")
        faults = refused(desk.agent.post("/knowledge-base", {"title": "", "content": "x" * 65537, "slug": "A b", "nope": 1}), 400, "BAD_REQUEST")
        assert {fault["location"] for fault in faults.json["errors"]} == {"title", "content", "slug", "nope"}

    def test_drafts_are_the_staffs(self, desk):
        draft = article(desk, is_published=False, title="Secret plan", category="plans")
        refused(desk.anonymous.get(f"/knowledge-base/{draft['slug']}"), 404, "NOT_FOUND")
        refused(desk.customer.get(f"/knowledge-base/{draft['id']}?include=html"), 404, "NOT_FOUND")
        assert desk.agent.get(f"/knowledge-base/{draft['slug']}").status == 200
        for client in (desk.anonymous, desk.customer):
            assert client.get("/knowledge-base?category=plans").json["items"] == []
            assert client.get("/knowledge-base?is_published=false").json["items"] == []
        assert draft["id"] in [item["id"] for item in desk.agent.get("/knowledge-base?is_published=false").json["items"]]
        assert "Secret plan" not in desk.anonymous.get("/help/").body.decode() and "plans" not in str(desk.anonymous.get("/knowledge-base/categories").json)
        assert desk.anonymous.get(f"/help/articles/{draft['slug']}").status == 404
        assert draft["slug"] not in desk.anonymous.get("/help/sitemap.xml").body.decode()

    def test_changes_versions_and_conflicts(self, desk):
        made = article(desk, category="a")
        address = f"/knowledge-base/{made['id']}"
        tag = desk.agent.get(address)["etag"]
        changed = desk.agent.patch(address, {"content": "Better.", "category": None}, if_match=tag)
        assert changed.status == 200 and changed.json["category"] is None and changed.json["slug"] == made["slug"] and changed["etag"] != tag
        refused(desk.agent.put(address, {"content": "Worse."}, if_match=tag), 412, "PRECONDITION_FAILED")
        again = desk.agent.put(address, {"content": "Better."})
        assert again.status == 200 and again.json["revision"] == changed.json["revision"]
        other = article(desk)
        refused(desk.agent.patch(address, {"slug": other["slug"]}), 409, "CONFLICT")
        versions = desk.agent.get(f"{address}/versions").json["items"]
        assert [version["number"] for version in versions] == [2, 1] and versions[1]["content"] == made["content"]
        assert desk.agent.get(f"{address}/versions/1").json == versions[1]
        restored = desk.agent.post(f"{address}/versions/1/restore")
        assert restored.status == 200 and restored.json["content"] == made["content"] and restored.json["revision"] == 3
        refused(desk.agent.get(f"{address}/versions/99"), 404, "NOT_FOUND")
        assert desk.agent.delete(address).status == 204
        refused(desk.agent.get(address), 404, "NOT_FOUND")
        refused(desk.agent.delete(address), 404, "NOT_FOUND")

    def test_pages_with_cursors(self, desk):
        category = uuid.uuid4().hex
        made = [article(desk, category=category)["id"] for _ in range(5)]
        seen, path = [], f"/knowledge-base?category={category}&limit=2&count=true"
        while path:
            page = desk.anonymous.get(path)
            seen += [item["id"] for item in page.json["items"]]
            path = re.match("<(.*)>", page["link"]).group(1) if page.json["next"] else None
        assert seen == made[::-1] and desk.anonymous.get(f"/knowledge-base?category={category}&count=true").json["total"] == 5
        refused(desk.anonymous.get("/knowledge-base?limit=101"), 400, "BAD_REQUEST")
        refused(desk.anonymous.get("/knowledge-base?categori=x"), 400, "BAD_REQUEST")

    def test_votes(self, desk):
        made = article(desk)
        vote = lambda client, helpful, **fields: client.post(f"/knowledge-base/{made['slug']}/vote", {"helpful": helpful}, **fields)
        counts = lambda answer: (answer.status, answer.json["helpful"], answer.json["unhelpful"])
        assert counts(vote(desk.customer, True)) == (200, 1, 0)
        assert counts(vote(desk.customer, True)) == (200, 1, 0)
        assert counts(vote(desk.customer, False)) == (200, 0, 1)
        assert counts(vote(desk.anonymous, True)) == (200, 1, 1)
        assert counts(vote(desk.anonymous, True)) == (200, 1, 1)
        key = uuid.uuid4().hex
        assert counts(vote(desk.other, True, idempotency_key=key)) == (200, 2, 1)
        assert vote(desk.other, True, idempotency_key=key)["idempotency-replayed"] == "true"
        refused(desk.anonymous.post(f"/knowledge-base/{made['slug']}/vote", {"helpful": "maybe"}), 400, "BAD_REQUEST")
        refused(desk.anonymous.post("/knowledge-base/no-such-article/vote", {"helpful": True}), 404, "NOT_FOUND")

    def test_views_are_counted_and_move_no_revision(self, desk):
        made = article(desk)
        address = f"/knowledge-base/{made['id']}"
        tag = desk.anonymous.get(address)["etag"]
        desk.anonymous.get(address)
        desk.anonymous.get(f"/help/articles/{made['slug']}")
        desk.anonymous.head(address)
        desk.anonymous.get(address, user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
        listed = lambda: next(item for item in desk.agent.get("/knowledge-base").json["items"] if item["id"] == made["id"])
        assert eventually(lambda: listed()["view_count"] == 3), listed()
        answer = desk.anonymous.get(address, user_agent="bot")
        assert (answer["etag"], answer.json["view_count"], answer.json["updated_at"]) == (tag, 3, made["updated_at"])

    def test_events_tell_customers_of_what_is_published_alone(self, desk):
        types = "types=article.created,article.updated,article.published,article.unpublished,article.deleted"
        last = desk.agent.get("/events?limit=100").json
        while last["next"]:
            last = desk.agent.get(f"/events?limit=100&cursor={last['next']}").json
        after = last["items"][-1]["seq"] if last["items"] else 0
        told = lambda client: [(event["type"], event["changes"]) for event in client.get(f"/events?{types}&after={after}").json["items"]]
        made = article(desk, is_published=False, title="Hidden")
        address = f"/knowledge-base/{made['id']}"
        desk.agent.patch(address, {"title": "Still hidden"})
        assert told(desk.customer) == []
        desk.agent.patch(address, {"is_published": True, "title": "Shown"})
        assert told(desk.customer) == [("article.published", {})]
        assert [type for type, _ in told(desk.agent)] == ["article.created", "article.updated", "article.published"]
        desk.agent.patch(address, {"is_published": False})
        assert told(desk.customer) == []

    def test_html_on_request(self, desk):
        made = article(desk, content="# Hi\n\n**bold** <script>x</script>")
        html = desk.anonymous.get(f"/knowledge-base/{made['id']}?include=html").json["content_html"]
        assert html == '<h1 id="h-hi">Hi</h1>\n<p><strong>bold</strong> &lt;script&gt;x&lt;/script&gt;</p>\n'
        assert "content_html" not in desk.anonymous.get(f"/knowledge-base/{made['id']}").json
        ticket = desk.ticket(description="a\n*b*")
        comment = desk.comment(ticket, content="~~c~~")
        whole = desk.customer.get(f"/tickets/{ticket['id']}?include=comments,html").json
        assert whole["description_html"] == "<p>a<br>\n<em>b</em></p>\n"
        assert whole["comments"]["items"][0]["content_html"] == "<p><del>c</del></p>\n"
        for path in (f"/tickets/{ticket['id']}/comments", f"/tickets/{ticket['id']}/comments/{comment['id']}"):
            assert "<del>c</del>" in desk.customer.get(path + "?include=html").body.decode()
            assert "<del>c</del>" not in desk.customer.get(path).body.decode()
        refused(desk.customer.get(f"/tickets/{ticket['id']}?include=htm"), 400, "BAD_REQUEST")


class TestPages:
    def test_the_help_centre(self, desk):
        made = article(desk, title='Ampersand & "quotes" <b>', category="Your Account", content="First *words*.")
        index = desk.anonymous.get("/help/")
        page = index.body.decode()
        assert index.status == 200 and "/help/your-account" in page and f"/help/articles/{made['slug']}" in page
        assert "Ampersand &amp; &quot;quotes&quot; &lt;b&gt;" in page and "<b>" not in page
        policy = index["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
        shelf = desk.anonymous.get("/help/your-account")
        assert shelf.status == 200 and made["slug"] in shelf.body.decode()
        for path in ("/help/no-such-category", "/help/articles/no-such-article", "/help/your-account?page=7"):
            missing = desk.anonymous.get(path)
            assert (missing.status, missing["x-robots-tag"], missing["content-type"]) == (404, "noindex", "text/html; charset=utf-8")

    def test_a_search(self, desk):
        word, other = (uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop")) for _ in range(2))
        made = article(desk, title=f"Ways & <b> {word}", content=f"A café and a <i>{other}</i>.")
        draft = article(desk, title=f"Draft {word}", is_published=False)
        for client in (desk.anonymous, desk.customer, desk.agent):
            answer = client.get(f"/help/search?query={word}")
            page = answer.body.decode()
            assert (answer.status, answer["x-robots-tag"], answer["content-type"]) == (200, "noindex", "text/html; charset=utf-8")
            assert f"/help/articles/{made['slug']}" in page and draft["slug"] not in page
            assert f"Ways &amp; &lt;b&gt; <mark>{word}</mark>" in page and f'value="{word}"' in page
        page = desk.anonymous.get(f"/help/search?query={other}+cafe").body.decode()
        assert "<mark>café</mark>" in page and f"&lt;i&gt;<mark>{other}</mark>" in page and "<i>" not in page
        # A word that says nothing: PostgreSQL does not look for it, and SQLite finds it wherever it stands.
        assert desk.anonymous.get("/help/search?query=the").status == 200
        for query in (f"{word}+nothing{other}", f"%3Cscript%3Enothing{other}"):
            answer = desk.anonymous.get(f"/help/search?query={query}")
            assert answer.status == 200 and "Nothing was found" in answer.body.decode() and "<script" not in answer.body.decode()
        assert desk.anonymous.get("/help/search").status == 200 and desk.anonymous.get("/help/search?query=").status == 200
        for query in ("status:open+x", "-x"):
            answer = desk.anonymous.get(f"/help/search?query={query}")
            assert (answer.status, answer["content-type"]) == (400, "text/html; charset=utf-8") and 'role="alert"' in answer.body.decode()

    def test_a_search_goes_on(self, desk):
        word = uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
        slugs = {article(desk, title=f"{word} {number}")["slug"] for number in range(22)}
        first, second = (desk.anonymous.get(f"/help/search?query={word}&page={page}").body.decode() for page in (1, 2))
        shown = [set(re.findall(r'href="/help/articles/([^"]+)"', page)) for page in (first, second)]
        assert len(shown[0]) == 20 and shown[0] | shown[1] == slugs and not shown[0] & shown[1]
        assert f'href="/help/search?query={word}&amp;page=2"' in first and 'rel="next"' not in second

    def test_an_article(self, desk):
        made = article(desk, title="Ways home", category="Travel", content="# One\n\nFirst words.\n\n[a](https://other.example)")
        path = f"/help/articles/{made['slug']}"
        answer = desk.anonymous.get(path)
        page = answer.body.decode()
        assert '<h2 id="h-one">One</h2>' in page and page.count("<h1>") == 1 and 'rel="nofollow noopener noreferrer"' in page
        assert f'<link rel="canonical" href="{HOME}{path}">' in page and 'name="description" content="One First words. a"' in page
        assert 'lang="en"' in page and 'href="#main"' in page and 'aria-label="Breadcrumb"' in page and "/help/travel" in page
        assert desk.anonymous.get(path, if_none_match=answer["etag"]).status == 304
        packed = desk.anonymous.get(path, accept_encoding="gzip")
        assert packed["content-encoding"] == "gzip" and gzip.decompress(packed.body).decode() == page
        assert desk.anonymous.get(path + "/").status == 200 and desk.anonymous.head(path).status == 200
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page).group(1))
        assert data["headline"] == "Ways home"

    def test_earlier_slugs_lead_on(self, desk):
        made = article(desk, title=f"Old {uuid.uuid4().hex}")
        new = f"new-{uuid.uuid4().hex}"
        assert desk.agent.patch(f"/knowledge-base/{made['id']}", {"slug": new}).status == 200
        answer = desk.anonymous.get(f"/help/articles/{made['slug']}")
        assert (answer.status, answer["location"]) == (301, f"/help/articles/{new}")
        assert desk.anonymous.get(f"/knowledge-base/{made['slug']}").json["slug"] == new

    def test_votes_without_scripts(self, desk):
        made = article(desk)
        path = f"/help/articles/{made['slug']}"
        form = {"content_type": "application/x-www-form-urlencoded"}
        sent = desk.anonymous.post(f"{path}/vote", "helpful=true", **form)
        assert (sent.status, sent["location"]) == (303, f"{path}?voted=true#helped")
        assert "Thank you" in desk.anonymous.get(f"{path}?voted=true").body.decode()
        assert desk.anonymous.get(f"/knowledge-base/{made['id']}").json["helpful"] == 1
        for foreign in ({"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}, {"origin": "null"}):
            assert desk.anonymous.post(f"{path}/vote", "helpful=false", **form, **foreign).status == 403
        assert desk.anonymous.post(f"{path}/vote", "helpful=perhaps", **form).status == 400
        assert desk.anonymous.get(f"/knowledge-base/{made['id']}").json["unhelpful"] == 0

    def test_what_search_engines_are_told(self, desk):
        made = article(desk, category="Maps")
        robots = desk.anonymous.get("/robots.txt").body.decode()
        assert "Allow: /help/" in robots and f"Sitemap: {HOME}/help/sitemap.xml" in robots
        sitemap = desk.anonymous.get("/help/sitemap.xml")
        assert sitemap["content-type"] == "application/xml; charset=utf-8"
        for path in ("/help/", "/help/maps", f"/help/articles/{made['slug']}"):
            assert f"<loc>{HOME}{path}</loc>" in sitemap.body.decode()

    def test_views_outlive_a_stop(self, tmp_path):
        with running_desk("sqlite", tmp_path) as desk:
            made = article(desk)
            desk.anonymous.get(f"/knowledge-base/{made['id']}")
            desk.martlet.stop()
        with running_desk("sqlite", tmp_path) as desk:
            assert desk.agent.get(f"/knowledge-base/{made['id']}").json["view_count"] == 1


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    assert chromium, "there is no chromium on PATH: Scripts/test.sh installs it"
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    with running_desk("sqlite", tmp_path_factory.mktemp("browser")) as desk:
        yield desk


class TestInABrowser:
    """A real browser draws what strangers wrote: nothing of it runs, and nobody else is asked for anything."""

    @pytest.fixture
    def page(self, browser):
        context = browser.new_context()
        context.route(lambda url: urlsplit(url).hostname not in ("127.0.0.1", "localhost"), lambda route: route.abort())
        page = context.new_page()
        page.asked, page.faults = [], []
        page.on("request", lambda request: page.asked.append((request.resource_type, request.url)))
        page.on("dialog", lambda dialog: (page.faults.append("a dialog"), dialog.dismiss()))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.add_init_script(
            "window.violations = []; document.addEventListener('securitypolicyviolation',"
            " event => window.violations.push(event.effectiveDirective + ' ' + event.blockedURI))")
        yield page
        context.close()

    @pytest.mark.parametrize("first", range(0, len(HOSTILE), 15))
    def test_hostile_articles_do_nothing(self, quiet, page, first):
        here = urlsplit(quiet.martlet.url).netloc
        for shape in HOSTILE[first : first + 15]:
            # A title has neither line ends nor what else no line may have, and something in it to see.
            title = re.sub("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+", " ", shape["text"])[:250].strip()
            made = article(quiet, title=f"{title} x", content=shape["text"].replace("\0", " "))
            page.asked.clear()
            page.goto(f"{quiet.martlet.url}/help/articles/{made['slug']}", wait_until="load")
            # Whatever may be clicked or looked at is, and whatever waits for a moment gets one.
            page.evaluate("document.querySelectorAll('main a, main img').forEach(e => { e.focus(); e.dispatchEvent(new Event('mouseover')) })")
            page.evaluate("() => new Promise(done => setTimeout(done, 20))")
            assert page.evaluate("window.pwned") is None, shape["name"]
            assert page.evaluate("window.violations") == [] and page.faults == [], shape["name"]
            foreign = [url for kind, url in page.asked if urlsplit(url).netloc not in ("", here) and not (kind == "image" and url.startswith("https:"))]
            assert foreign == [], shape["name"]
            for address in page.evaluate("[...document.querySelectorAll('a')].map(a => a.protocol)"):
                assert address in ("http:", "https:", "mailto:", ":"), shape["name"]
            assert page.locator("main script, main style, main iframe, main svg, main [onclick], main [style]").count() == 0, shape["name"]

    def test_the_watch_itself_sees_what_it_should(self, quiet, page):
        made = article(quiet)
        page.goto(f"{quiet.martlet.url}/help/articles/{made['slug']}")
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=/none onerror=window.pwned=1>')")
        page.wait_for_function("window.violations.length > 0")
        assert page.evaluate("window.pwned") is None

    def test_a_reader_finds_an_article_and_votes(self, quiet, page):
        made = article(quiet, title="Reset it", category="Accounts", content="Press **this**.")
        page.goto(f"{quiet.martlet.url}/help/")
        page.get_by_role("link", name="Reset it").click()
        assert page.locator("h1").inner_text() == "Reset it"
        page.get_by_role("button", name="Yes").click()
        page.get_by_text("Thank you").wait_for()
        page.wait_for_load_state("load")
        assert quiet.agent.get(f"/knowledge-base/{made['id']}").json["helpful"] == 1
        assert page.evaluate("getComputedStyle(document.querySelector('.brand')).fontWeight") == "700"
        assert page.evaluate("window.violations") == []


class TestLive:
    """What happens to articles, as it comes over the stream: drafts to the staff alone."""

    def test_the_stream_tells_each_what_is_theirs(self, desk):
        everybody = [desk.customer, desk.other, desk.agent, desk.admin]
        streams = {client: EventStream(desk.martlet, client.token) for client in everybody}
        sockets = {client: DeskSocket(desk.martlet, client.token, tickets=[]) for client in everybody}
        told = {client: [] for client in everybody}

        def hear(type, *clients):
            """The next that each of them is told of an article."""
            for client in clients:
                row = streams[client].next()
                while not row["type"].startswith("article."):
                    row = streams[client].next()
                assert row["type"] == type and row["data"]["id"] == made["id"], (type, row)
                told[client].append(row)

        made = article(desk, is_published=False, title="Hidden", slug=uuid.uuid4().hex, content="A secret of the staff's.")
        address = f"/knowledge-base/{made['id']}"
        hear("article.created", desk.agent, desk.admin)
        desk.agent.patch(address, {"title": "Still hidden"})
        hear("article.updated", desk.agent, desk.admin)
        desk.agent.patch(address, {"is_published": True, "title": "Shown", "content": "For everybody."})
        # Customers have heard nothing before this.
        hear("article.published", *everybody)
        desk.agent.patch(address, {"title": "Shown anew"})
        hear("article.updated", *everybody)
        desk.agent.patch(address, {"is_published": False})
        hear("article.unpublished", desk.agent, desk.admin)
        desk.agent.patch(address, {"title": "Hidden again"})
        hear("article.updated", desk.agent, desk.admin)
        desk.agent.patch(address, {"is_published": True, "title": "Shown again"})
        hear("article.published", *everybody)
        assert desk.agent.delete(address).status == 204
        hear("article.deleted", *everybody)
        for client in (desk.customer, desk.other):
            words = str(told[client]).lower()
            assert "secret" not in words and "hidden" not in words, words
        assert len(told[desk.customer]) == len(told[desk.other]) == 4 and len(told[desk.agent]) == len(told[desk.admin]) == 8
        # A socket tells of what it was asked for, and nobody can ask one for articles.
        for client, live in sockets.items():
            ticket = desk.ticket(client)
            live.say(type="subscribe", ticket=ticket["id"])
            live.sync()
            desk.comment(ticket, client)
            types = [live.row()["type"]]
            while types[-1] != "comment.created":
                types.append(live.row()["type"])
            assert set(types) <= {"ticket.created", "ticket.assigned", "notification.created", "comment.created"}, types
        for one in [*streams.values(), *sockets.values()]:
            one.close()

    def test_who_resumes_is_told_as_it_stands_now(self, desk):
        place = desk.agent.get("/events?limit=100").json
        while place["next"]:
            place = desk.agent.get(f"/events?limit=100&cursor={place['next']}").json
        after = place["items"][-1]["seq"] if place["items"] else 0
        shown, hidden = article(desk, title="Stays"), article(desk, title="Goes")
        assert desk.agent.patch(f"/knowledge-base/{hidden['id']}", {"is_published": False}).status == 200
        last = article(desk, title="The last")
        for client in (desk.customer, desk.other):
            with EventStream(desk.martlet, client.token, last_event_id=after) as stream:
                ids = []
                while last["id"] not in ids:
                    row = stream.next()
                    if row["type"].startswith("article."):
                        ids.append(row["data"]["id"])
                assert set(ids) == {shown["id"], last["id"]}
