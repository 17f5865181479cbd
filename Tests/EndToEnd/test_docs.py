import gzip
import re

import pytest

PAGES = ["/docs", "/redoc"]
FILES = [
    ("/assets/docs/docs.css", "text/css; charset=utf-8"),
    ("/assets/docs/docs.js", "text/javascript; charset=utf-8"),
    ("/assets/docs/martlet.svg", "image/svg+xml"),
    ("/assets/docs/redoc-logo.svg", "image/svg+xml"),
    ("/assets/docs/redoc.js", "text/javascript; charset=utf-8"),
    ("/assets/docs/redoc.standalone.js", "text/javascript; charset=utf-8"),
    ("/assets/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ("/assets/docs/swagger-ui.css", "text/css; charset=utf-8"),
]
ALL = [(page, "text/html; charset=utf-8") for page in PAGES] + FILES
PATHS = [path for path, _ in ALL]


@pytest.mark.parametrize("path, kind", ALL)
def test_it_is_sent_whole_and_as_what_it_is(server, path, kind):
    answer = server.get(path)
    assert answer.status == 200
    assert answer["content-type"] == kind
    assert answer["x-content-type-options"] == "nosniff"
    assert answer["content-encoding"] is None
    assert int(answer["content-length"]) == len(answer.body) > 0


@pytest.mark.parametrize("path", PATHS)
def test_it_is_packed_for_who_takes_gzip_with_a_tag_of_its_own(server, path):
    plain, packed = server.get(path), server.get(path, accept_encoding="br, gzip")
    tag = re.compile(r'^"[0-9a-z-]+"$')
    assert tag.match(plain["etag"]) and tag.match(packed["etag"])
    if packed["content-encoding"] is None:
        # Only what packing would not make smaller may be left as it is.
        assert len(gzip.compress(plain.body)) >= len(plain.body)
        assert (plain["etag"], plain["vary"]) == (packed["etag"], packed["vary"])
        return
    assert packed["content-encoding"] == "gzip"
    assert packed["etag"] != plain["etag"]
    assert packed["vary"] == plain["vary"] == "accept-encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body)


@pytest.mark.parametrize("coding", ["identity", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0"])
def test_it_is_not_packed_for_who_does_not_take_gzip(server, coding):
    assert server.get("/docs", accept_encoding=coding)["content-encoding"] is None


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_who_has_it_is_told_so(server, path, coding):
    first = server.get(path, accept_encoding=coding)
    again = server.get(path, accept_encoding=coding, if_none_match=first["etag"])
    assert (again.status, again.body) == (304, b"")
    for name in ("etag", "vary", "cache-control", "content-security-policy"):
        assert again[name] == first[name]
    assert again["content-type"] is None and again["content-length"] is None and again["content-encoding"] is None


@pytest.mark.parametrize("known", ['*', 'W/{}', '"other", {}', '{},"other"', ' W/"a" ,\t{}'])
def test_a_list_and_a_weak_tag_count_too(server, known):
    tag = server.get("/docs")["etag"]
    assert server.get("/docs", if_none_match=known.format(tag)).status == 304


@pytest.mark.parametrize("known", ['"other"', '{}x', 'x{}', '"*"', ',', 'W/'])
def test_another_tag_does_not(server, known):
    tag = server.get("/docs")["etag"]
    assert server.get("/docs", if_none_match=known.format(tag)).status == 200


def test_the_tag_of_one_form_is_none_of_the_other(server):
    plain, packed = server.get("/docs"), server.get("/docs", accept_encoding="gzip")
    assert server.get("/docs", if_none_match=packed["etag"]).status == 200
    assert server.get("/docs", accept_encoding="gzip", if_none_match=plain["etag"]).status == 200


@pytest.mark.parametrize("path", PATHS)
def test_it_may_be_kept_but_not_used_unasked(server, path):
    assert server.get(path)["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_says_the_same_without_a_body(server, path, coding):
    get, head = server.get(path, accept_encoding=coding), server.request("HEAD", path, accept_encoding=coding)
    assert (head.status, head.body) == (200, b"")
    for name in ("content-length", "content-type", "content-encoding", "etag", "vary"):
        assert head[name] == get[name]


def directives(answer):
    return {words[0]: words[1:] for part in answer["content-security-policy"].split(";") if (words := part.split())}


@pytest.mark.parametrize("path", PATHS)
def test_the_policy_lets_nothing_from_elsewhere_in(server, path):
    policy = directives(server.get(path))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == ["'none'"]
    allowed = {"'none'", "'self'", "data:", "blob:"}
    for name, sources in policy.items():
        assert all(source in allowed or source.startswith("'sha256-") for source in sources), name
    if path not in PAGES:
        assert len(policy) == 4
    else:
        assert policy["script-src"] == ["'self'"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_only_what_this_server_has(server, path):
    named = re.findall(rb'(?:src|href)="([^"]+)"', server.get(path).body)
    assert len(named) >= 3
    for address in named:
        assert address.startswith(b"/"), address
        assert server.get(address.decode()).status == 200, address


@pytest.mark.parametrize(
    "path, status",
    [
        ("/assets/docs/", 404),
        ("/assets/docs/nothing.js", 404),
        ("/assets/docs/docs", 404),
        ("/assets/docs/DOCS.JS", 404),
        ("/assets/docs/%64ocs.js", 200),
        ("/assets/docs/docs.js/", 200),
        ("/assets/docs/..", 400),
        ("/assets/docs/%2e%2e/docs", 400),
        ("/assets/docs/..%2f..%2fdocs", 404),
        ("/assets/docs/docs.js%00", 400),
        ("/docs/", 200),
        ("/docs?a=b", 200),
    ],
)
def test_only_what_there_is_has_an_address(server, path, status):
    assert server.get(path).status == status
