import os
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from martlet import TOKEN


def read(answer):
    """(name, labels) -> value, by Prometheus' own parser."""
    assert answer.status == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def requests(metrics, route, status):
    return metrics.get(("martlet_http_requests_total", (("route", route), ("status", str(status)))), 0)


def test_metrics_are_prometheus_text_and_not_kept(server):
    answer = server.get("/metrics")
    assert answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer["cache-control"] == "no-store"
    assert read(answer)


def test_every_family_says_what_it_is_once(server):
    families = list(text_string_to_metric_families(server.get("/metrics").body.decode()))
    names = [family.name for family in families]
    assert len(names) == len(set(names))
    for family in families:
        assert family.documentation, family.name
        assert family.type in ("counter", "gauge", "histogram"), family.name


def test_requests_are_counted_by_route_and_status(server):
    before = read(server.get("/metrics"))
    for _ in range(3):
        server.get("/health")
    server.request("POST", "/health")
    server.get("/no-such-route")
    after = read(server.get("/metrics"))
    for route, status, count in [("GET /health", 200, 3), ("none", 405, 1), ("none", 404, 1), ("GET /metrics", 200, 1)]:
        assert requests(after, route, status) - requests(before, route, status) == count, (route, status)


def test_histograms_are_whole_and_agree_with_the_counts(server):
    server.get("/health")
    metrics = read(server.get("/metrics"))
    name = "martlet_http_request_duration_seconds"
    routes = {dict(labels)["route"] for key, labels in metrics if key == f"{name}_bucket"}
    assert "GET /health" in routes
    for route in routes:
        buckets = sorted(
            (float(dict(labels)["le"]), value)
            for (key, labels), value in metrics.items()
            if key == f"{name}_bucket" and dict(labels)["route"] == route
        )
        counts = [count for _, count in buckets]
        assert buckets[-1][0] == float("inf")
        assert counts == sorted(counts)
        total = sum(value for (key, labels), value in metrics.items() if key == "martlet_http_requests_total" and dict(labels)["route"] == route)
        assert counts[-1] == total == metrics[(f"{name}_count", (("route", route),))] > 0
        assert metrics[(f"{name}_sum", (("route", route),))] > 0


def test_each_loop_tells_its_lag_and_its_work(server):
    metrics = read(server.get("/metrics"))
    for loop in ("0", "1"):
        assert ("martlet_loop_lag_seconds", (("loop", loop),)) in metrics
        assert ("martlet_loop_busy_seconds_total", (("loop", loop),)) in metrics


def test_connections_are_those_that_are_open(server):
    key = ("martlet_connections", ())
    before = read(server.get("/metrics"))[key]
    held = [server.connect() for _ in range(5)]
    try:
        deadline = time.monotonic() + 5
        while (now := read(server.get("/metrics"))[key]) - before < 5 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert now - before >= 5
    finally:
        for connection in held:
            connection.close()


def test_the_process_is_the_one_that_runs(server):
    metrics = read(server.get("/metrics"))
    pages = int(open(f"/proc/{server.pid}/statm").read().split()[1])
    assert metrics[("process_resident_memory_bytes", ())] == pytest.approx(pages * os.sysconf("SC_PAGESIZE"), rel=0.2)
    assert metrics[("process_open_fds", ())] == pytest.approx(len(os.listdir(f"/proc/{server.pid}/fd")), abs=3)
    assert metrics[("process_max_fds", ())] >= metrics[("process_open_fds", ())]
    uptime = server.get("/health").json["uptime"]
    assert time.time() - metrics[("process_start_time_seconds", ())] == pytest.approx(uptime, abs=3)
    assert metrics[("process_cpu_seconds_total", ())] > 0
    assert metrics[("martlet_log_lines_dropped_total", ())] == 0
    assert metrics[("martlet_event_gap_seconds", ())] == 0


def test_the_build_is_named(server):
    found = [dict(labels) for name, labels in read(server.get("/metrics")) if name == "martlet_build_info"]
    assert len(found) == 1
    assert found[0]["version"] == server.get("/health").json["version"]
    assert found[0]["commit"]


class TestWhoMayRead:
    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_the_token_opens_it_in_any_spelling_of_its_scheme(self, server, scheme):
        assert server.get("/metrics", authorization=f"{scheme} {TOKEN}").status == 200

    @pytest.mark.parametrize(
        "field, value",
        [
            ("x_forwarded_for", "203.0.113.9"),
            ("x_forwarded_for", "127.0.0.1"),
            ("forwarded", "for=203.0.113.9"),
            ("x_forwarded_proto", "https"),
            ("x_forwarded_host", "desk.example"),
            ("x_real_ip", "203.0.113.9"),
            ("via", "1.1 proxy"),
            ("cf_connecting_ip", "203.0.113.9"),
            ("true_client_ip", "203.0.113.9"),
            # A name that leads to this machine from elsewhere.
            ("host", "desk.example"),
            ("host", "127.0.0.1.desk.example:3000"),
            ("host", "203.0.113.9"),
        ],
    )
    def test_who_comes_through_a_proxy_needs_the_token(self, server, field, value):
        refused = server.get("/metrics", **{field: value})
        assert refused.status == 401
        assert refused["www-authenticate"] == "Bearer"
        assert refused.json["error"] == "UNAUTHORIZED"
        assert b"martlet_" not in refused.body
        assert server.get("/metrics", **{field: value, "authorization": f"Bearer {TOKEN}"}).status == 200

    @pytest.mark.parametrize(
        "credential",
        [f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Bearer x{TOKEN}", "Bearer ", "Bearer", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN} {TOKEN}"],
    )
    def test_a_bad_credential_is_refused_even_on_this_machine(self, server, credential):
        assert server.get("/metrics", authorization=credential).status == 401

    @pytest.mark.parametrize("credential", ["Bearer ", "Bearer x", "Bearer ••••".encode().decode("latin-1")])
    def test_without_a_token_set_none_is_good(self, start, credential):
        martlet = start()
        assert martlet.get("/metrics").status == 200
        assert martlet.get("/metrics", authorization=credential).status == 401
        assert martlet.get("/metrics", x_forwarded_for="203.0.113.9", authorization=credential).status == 401

    @pytest.mark.parametrize("host", ["localhost", "LocalHost:3000", "127.0.0.1", "127.0.0.5:1", "[::1]", "[::1]:3000"])
    def test_this_machine_by_any_name_of_its_own(self, server, host):
        assert server.get("/metrics", host=host).status == 200

    def test_a_proxy_that_adds_nothing_and_speaks_old_http_is_no_operator(self, server):
        with server.connect() as socket:
            # As nginx asks when it is told nothing but where to.
            socket.sendall(f"GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode())
            assert socket.recv(100).startswith(b"HTTP/1.1 401 ")

    def test_a_trusted_proxys_word_decides(self, start):
        martlet = start(TRUSTED_PROXIES="127.0.0.1")
        assert martlet.get("/metrics", x_forwarded_for="203.0.113.9").status == 401
        assert martlet.get("/metrics", x_forwarded_for="203.0.113.9, 127.0.0.1").status == 401
        assert martlet.get("/metrics", x_forwarded_for="127.0.0.1").status == 200

    def test_the_token_is_good_for_nothing_else(self, server):
        assert server.get("/metrics", authorization=f"Bearer {TOKEN}").status == 200
        assert server.get("/health", authorization=f"Bearer {TOKEN}").status == 200
