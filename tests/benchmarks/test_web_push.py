"""The benchmark of Web Push counts what arrived, by a sink that pywebpush and we post to alike."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks import web_push
from benchmarks.sinks import Sink
from benchmarks.web_push_sink import push_sink


def test_it_measures_ours_theirs_and_the_limit() -> None:
    found = web_push.measure(40, 1)
    assert (found["name"], found["n"], found["received"]) == ("web_push", 40, 40)
    assert min(found[name] for name in ("ours", "baseline", "limit", "async_", "to_async", "to_baseline")) > 0
    assert json.loads(json.dumps(found)) == found


def post(sink: Sink, topic: str) -> int:
    """One push, bare."""
    client = http.client.HTTPConnection(urlsplit(sink.url).netloc)
    client.request("POST", "/wp/1", b"body", {"Topic": topic})
    answer = client.getresponse()
    client.close()
    return answer.status


def test_the_sink_counts_by_topic(tmp_path: Path) -> None:
    with push_sink(tmp_path / "sink") as sink:
        assert [post(sink, topic) for topic in ("a", "b", "a")] == [201] * 3
        assert sink.arrived() == (2, 3)
        sink.ask("/forget")
        assert sink.arrived() == (0, 0)


def test_what_did_not_arrive_is_no_rate(tmp_path: Path) -> None:
    with push_sink(tmp_path / "sink") as sink, pytest.raises(AssertionError):
        web_push._counted(sink, 2, lambda: post(sink, "a"))
