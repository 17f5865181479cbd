"""The two pages in a real browser: they are drawn, they work, and they ask nobody but this server."""

import os
import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

# Both pages draw every operation at once, tens of thousands of elements: many seconds of work where others work too, in which the page
# hears no key and no click either. How long it takes is not what is tested, so whatever waits for the page, waits for that.
DRAWN = 120_000
pytestmark = pytest.mark.timeout(600)
expect.set_options(timeout=DRAWN)

WATCH_POLICY = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", event => window.violations.push(event.effectiveDirective + " " + event.blockedURI));
"""


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    assert chromium, "there is no chromium on PATH: Scripts/test.sh installs it"
    # Chromium's own sandbox does not work for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def visit(server, browser):
    """Opens a page, and looks when the test is done at all that a good page leaves undone."""
    context = browser.new_context()
    context.set_default_timeout(DRAWN)
    page = context.new_page()
    complaints, hosts = [], set()
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url} failed"))
    page.on("request", lambda request: hosts.add(urlsplit(request.url.removeprefix("blob:")).netloc))
    page.add_init_script(WATCH_POLICY)

    def visit(path):
        page.goto(server.url + path)
        return page

    yield visit
    assert page.evaluate("window.violations") == []
    assert complaints == []
    assert hosts - {""} == {urlsplit(server.url).netloc}
    context.close()


def operations(document):
    return [(path, method, operation) for path, item in document["paths"].items() for method, operation in item.items() if method != "parameters"]


def test_swagger_ui_draws_every_operation(visit, document):
    page = visit("/docs")
    expect(page.locator(".info .title")).to_contain_text(document["info"]["title"])
    expect(page.locator(".opblock")).to_have_count(len(operations(document)))
    for _, _, operation in operations(document):
        expect(page.get_by_text(operation["summary"], exact=True).first).to_be_visible()


def test_swagger_ui_tries_a_request_out(visit, server):
    page = visit("/docs")
    block = page.locator("#operations-health-getHealth")
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    block.locator("button.execute").click()
    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(block.locator(".live-responses-table .highlight-code").first).to_contain_text('"status"')


def test_redoc_draws_every_operation(visit, document):
    page = visit("/redoc")
    expect(page.locator("h1").first).to_contain_text(document["info"]["title"])
    for _, _, operation in operations(document):
        expect(page.locator("h2", has_text=operation["summary"]).first).to_be_attached()


def test_redoc_finds_an_operation(visit):
    page = visit("/redoc")
    # The field is there before the page is drawn, and is answered after.
    expect(page.locator("h1").first).to_be_visible()
    page.get_by_placeholder("Search").fill("metrics")
    expect(page.locator('[data-role="search:results"]')).to_contain_text("Prometheus")


def test_the_watch_itself_sees_what_a_policy_forbids(visit, server, browser):
    context = browser.new_context()
    context.set_default_timeout(DRAWN)
    page = context.new_page()
    page.add_init_script(WATCH_POLICY)
    page.goto(server.url + "/docs")
    page.evaluate("document.body.appendChild(Object.assign(document.createElement('img'), {src: 'http://127.0.0.2:9/x.png'}))")
    page.wait_for_function("window.violations.length > 0")
    assert page.evaluate("window.violations")[0].startswith("img-src http://127.0.0.2:9/")
    context.close()
    visit("/docs")
