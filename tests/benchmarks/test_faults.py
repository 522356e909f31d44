"""The fault harness's own parts: what it deals out, how it counts, its wire."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.faults.count import Arrival, Blamed, Sent, blame, postfix_arrivals, reconcile, sandbox_arrivals
from benchmarks.faults.kinds import KINDS, PROCESSES, deal
from benchmarks.faults.relay import Relay
from benchmarks.faults.report import failures
from benchmarks.faults.switches import put, take
from pushsvc.store.states import DELIVERY, LISTED

KEYS = st.sampled_from("abcdefgh")
SENT = st.dictionaries(st.tuples(st.sampled_from(["app", "sms", "email"]), KEYS), st.sampled_from(sorted(DELIVERY)))
ARRIVED = st.lists(st.tuples(st.sampled_from(["app", "sms", "email"]), KEYS), max_size=20)
GOOD = {
    "lost": 0, "received": 1, "duplicates": {"app": 0, "sms": 0, "email": 3}, "message_ids_equal": True,
    "per_kill_max_email_duplicates": 3, "unexplained_email_duplicates": 0, "settled": True, "strangers": [],
    "differences": [], "unknown": [], "listed_but_received": {},
}  # fmt: skip


@given(SENT, ARRIVED, st.integers(0, 5), st.integers(0, 5))
def test_every_expected_message_is_received_listed_or_lost(
    sent: dict[tuple[str, str], str], arrived: list[tuple[str, str]], refused: int, fateless: int
) -> None:
    arrivals = {
        channel: [Arrival(key, 1.0, key) for name, key in arrived if name == channel]
        for channel in ("app", "sms", "email")
    }
    rows = [Sent(channel, key, state) for (channel, key), state in sent.items()]
    tally = reconcile(rows, arrivals, refused=refused, fateless=fateless)
    lost = sum(map(len, tally.lost.values())) + tally.fateless
    assert lost == tally.expected - tally.received - tally.listed
    for (channel, key), state in sent.items():
        assert (key in tally.lost.get(channel, ())) == ((channel, key) not in arrived and state not in LISTED)
    assert sum(tally.duplicates.values()) == len(arrived) - len(set(arrived))
    assert len(tally.strangers) == len(set(arrived) - sent.keys())


def test_a_mail_that_was_given_up_though_it_came_is_told_apart() -> None:
    tally = reconcile([Sent("email", "a", "cancelled")], {"email": [Arrival("a", 1.0)]})
    assert (tally.received, tally.listed, tally.listed_but_received) == (1, 0, {"email cancelled": 1})


def test_another_message_id_is_seen() -> None:
    mails = [Arrival("a", 1.0, "a@x"), Arrival("a", 2.0, "a@y")]
    assert not reconcile([Sent("email", "a", "accepted")], {"email": mails}).message_ids_equal


def test_a_duplicate_is_blamed_on_the_process_that_was_harmed_between() -> None:
    faults = [Blamed(0.0, 1.0), Blamed(2.0, 90.0, "told"), Blamed(5.0, 5.0), Blamed(20.0, 20.0)]
    assert blame([(4.0, 9.0), (4.5, 9.0), (10.0, 12.0), (91.0, 99.0)], faults) == [0, 1, 2, 0, 1]


def test_a_mail_that_a_silent_sink_took_is_blamed_on_that_sink() -> None:
    faults = [Blamed(0.0, 50.0), Blamed(5.0, 10.0, "sink")]
    assert blame([(6.0, 12.0), (4.0, 12.0), (11.0, 12.0)], faults) == [2, 1, 0]


@pytest.mark.parametrize(
    ("figure", "value", "word"),
    [
        ("lost", 1, "lost"),
        ("duplicates", {"sms": 1}, "SMS"),
        ("duplicates", {"app": 1}, "pushes"),
        ("per_kill_max_email_duplicates", 101, "kill"),
        ("unexplained_email_duplicates", 1, "without a fault"),
        ("message_ids_equal", False, "Message-ID"),
        ("settled", False, "settled"),
        ("strangers", ["k"], "no table"),
        ("differences", ["one"], "ledger"),
        ("unknown", [{"channel": "sms", "became": "unknown"}], "unknown"),
        ("received", 0, "nothing"),
        ("listed_but_received", {"email rejected": 1}, "listed as unsent"),
    ],
)
def test_each_bar_that_is_missed_is_named(figure: str, value: object, word: str) -> None:
    assert failures(GOOD) == []
    (sentence,) = failures({**GOOD, figure: value})
    assert word in sentence


def test_a_mail_that_stays_unknown_misses_no_bar() -> None:
    assert failures({**GOOD, "unknown": [{"channel": "email", "became": "unknown"}]}) == []


@given(st.integers(0, 2**32), st.sets(st.sampled_from(sorted(KINDS)), min_size=1))
def test_a_seed_deals_the_same_faults_each_once_before_any_comes_again(seed: int, kinds: set[str]) -> None:
    dealt = deal(seed, 200.0, kinds)
    assert dealt == deal(seed, 200.0, kinds)
    assert all(one.at < 200.0 for one in dealt)
    for part in (kinds & PROCESSES.keys(), kinds - PROCESSES.keys()):
        counted = Counter(one.kind for one in dealt if one.kind in part)
        assert not part or max(counted.values()) - min(counted[kind] for kind in part) <= 1


def test_what_is_to_come_first_comes_first() -> None:
    assert [one.kind for one in deal(1, 60.0, set(KINDS), first=("flush_redis", "kill_web"))][:2] == [
        "flush_redis",
        "kill_web",
    ]


def test_half_an_hour_deals_more_than_a_hundred_faults_of_more_than_twelve_kinds() -> None:
    dealt = deal(1, 1800.0, set(KINDS))
    assert len(dealt) > 100
    assert {one.kind for one in dealt} == KINDS.keys()


def test_a_push_that_was_dropped_as_a_repeat_did_not_arrive_again(tmp_path: Path) -> None:
    at = "2026-06-24T01:30:00+00:00"
    rows = [{"key": "a", "at": at}, {"key": "a", "at": at, "repeat": True}, {"key": "b", "at": at}]
    (tmp_path / "app.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert [one.key for one in sandbox_arrivals(tmp_path)["app"]] == ["a", "b"]


def test_mails_in_dumps_are_counted_by_message_id(tmp_path: Path) -> None:
    assert postfix_arrivals(tmp_path / "none") == []
    (tmp_path / "s0.1").write_bytes(b"X-Client-Addr: 127.0.0.1\nSubject: a\nMessage-ID: <k1@city.example>\n\nbody\n")
    (tmp_path / "s0.2").write_bytes(b"X-Client-Addr: 127.0.0.1\nSubj")
    assert [(one.key, one.message_id) for one in postfix_arrivals(tmp_path)] == [("k1", "k1@city.example")]


def test_a_switch_says_what_it_was_told_last(tmp_path: Path) -> None:
    assert take(tmp_path, "clock") == ""
    put(tmp_path, "clock", "3")
    put(tmp_path, "clock", "-30")
    assert take(tmp_path, "clock") == "-30"


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that says back what it hears; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer(one: socket.socket) -> None:
            with one:
                while data := one.recv(100):
                    one.sendall(data)

        def serve() -> None:
            while not over.is_set():
                one, _ = server.accept()
                answer(one)

        over = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        socket.create_connection(server.getsockname()).close()
        thread.join()


@pytest.fixture
def relay(echo: int) -> Iterator[Relay]:
    """A wire to the server."""
    made = Relay([echo])
    made.start()
    yield made
    made.stop()


def talk(relay: Relay, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", relay.port), 10) as client:
        try:
            client.sendall(words)
            return client.recv(100)
        except ConnectionError:
            return b""


def test_a_wire_passes_both_ways_and_swallows_the_answer_it_is_told_to(relay: Relay) -> None:
    assert talk(relay, b"hello") == b"hello"
    relay.swallow(1)
    assert talk(relay, b"hello") == b""
    assert talk(relay, b"hello") == b"hello"


def test_a_wire_to_nobody_is_cut(relay: Relay) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    relay.turn_to([port])
    assert talk(relay, b"hello") == b""
