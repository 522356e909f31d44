"""Pipelined mail: every outcome belongs to its own mail, in whatever pieces, refusals and losses the replies come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.base import Message, Outcome
from channels.reasons import smtp_reason
from channels.smtp_envelope import Post
from channels.smtp_pipe import Errand, Talk
from tests.channels.smtp_server import Server, Told, letter

CODES = st.sampled_from([250, 250, 250, 450, 452, 550, 554])
TOLD = st.builds(
    Told,
    mail=st.sampled_from([250, 250, 250, 250, 452, 550]),
    rcpt=CODES,
    data=st.sampled_from([354, 354, 354, 451, 550, 554]),
    content=CODES,
    dot=st.booleans(),
)
SCRIPTS = st.lists(TOLD, max_size=8)
CUTS = st.lists(st.integers(1, 40) | st.just(1000), min_size=1, max_size=6)
REPLIES = st.sampled_from(
    [b"250 ok\r\n", b"251 2.1.5 y\n", b"250\r\n", b"250-a\r\n250 b\r\n", b"354 \r\n", b"550 no\r\n", b"2x0 a\r\n"]
)


@dataclass
class Heard:
    """What a conversation told of each mail, and how often."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)

    def tell(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self.times.append(index)


@dataclass
class Scene:
    """A conversation with a server and what came of it."""

    server: Server
    talk: Talk
    heard: Heard
    jobs: deque[tuple[int, Message]]

    def took(self, index: int) -> int:
        """How often the server took this mail."""
        return self.server.taken.count(letter(index).raw)


def stage(server: Server, *, used: bool = False, room: int = 1000, seconds: Iterator[float] | None = None) -> Scene:
    """A conversation about all mails of the server's script, not begun."""
    heard, jobs = Heard(), deque((number, letter(number)) for number in server.told)

    def left() -> float:
        return 60.0 if seconds is None else next(seconds)

    talk = Talk(Errand(Post("s@j.example"), jobs, heard.tell, left, used=used, room=room))
    return Scene(server, talk, heard, jobs)


def hold(scene: Scene, cuts: list[int], *, until: int | None = None) -> Scene:
    """Carries the bytes to and fro, the server's in pieces of these sizes; they end after `until` bytes."""
    out, sent, turn = scene.server.feed(scene.talk.begin()), 0, 0
    while not scene.talk.over:
        size = min(cuts[turn % len(cuts)], len(out), (until if until is not None else 10**9) - sent)
        turn += 1
        if size == 0:
            scene.talk.lose(silent=not scene.server.closed and until is None)
            break
        piece, out = out[:size], out[size:]
        sent += size
        out += scene.server.feed(scene.talk.receive(piece))
    return scene


def scripted(told: list[Told], **more: object) -> Server:
    return Server(dict(enumerate(told)), **more)  # type: ignore[arg-type]


@settings(deadline=None)
@given(SCRIPTS, CUTS)
@example([Told(rcpt=550, dot=True), Told(), Told(rcpt=550), Told(content=554), Told()], [1])
@example([Told(mail=452), Told(data=451), Told(rcpt=450, dot=True)], [7, 1000])
def test_each_mail_gets_the_reply_that_was_its_own(told: list[Told], cuts: list[int]) -> None:
    scene = hold(stage(scripted(told)), cuts)
    codes = {index: outcome.code for index, outcome in scene.heard.outcomes.items()}
    assert codes == {index: one.verdict for index, one in enumerate(told)}
    assert sorted(scene.heard.times) == list(range(len(told)))
    assert scene.server.violations == []
    assert scene.server.taken == [letter(i).raw for i, one in enumerate(told) if one.verdict == "250"]
    assert (scene.talk.broken, scene.talk.distrust, scene.talk.back) == (False, False, None)
    for index, one in enumerate(told):
        if one.verdict != "250":
            assert scene.heard.outcomes[index].status == smtp_reason(int(one.verdict[:3])).status


@settings(deadline=None)
@given(SCRIPTS.filter(bool), CUTS, st.data())
def test_a_loss_anywhere_claims_nothing_that_is_not_so(told: list[Told], cuts: list[int], data: st.DataObject) -> None:
    used = data.draw(st.booleans())
    scene = hold(stage(scripted(told), used=used), cuts, until=data.draw(st.integers(0, 60 * len(told))))
    nothing_claimed_that_is_not_so(scene)
    assert scene.server.violations == []


@settings(deadline=None)
@given(SCRIPTS.filter(bool), CUTS, st.data())
def test_a_server_that_closes_with_421_is_believed_and_left(
    told: list[Told], cuts: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(told) - 1))
    told[at] = data.draw(st.sampled_from([Told(mail=421), Told(rcpt=421), Told(data=421), Told(content=421)]))
    scene = hold(stage(scripted(told)), cuts)
    nothing_claimed_that_is_not_so(scene)
    assert scene.talk.broken
    assert (scene.heard.outcomes[at].status, scene.heard.outcomes[at].code) == ("deferred", "421")
    assert [index for index, _ in scene.jobs] + ([scene.talk.back[0]] if scene.talk.back else []) != list(
        range(len(told))
    )


@settings(deadline=None)
@given(SCRIPTS.filter(bool), CUTS, st.integers(1, 30), st.booleans())
@example([Told(content=554)], [1000], 4, True)
@example([Told(), Told(content=554)], [1], 8, True)
def test_one_reply_too_many_makes_no_mail_pass_for_accepted(
    told: list[Told], cuts: list[int], surplus: int, late: bool
) -> None:
    told = [*told, Told(), Told()]  # behind the last mail nothing can be noticed any more
    scene = hold(stage(scripted(told, surplus=surplus, late=late)), cuts)
    for index in list(scene.server.told)[:-1]:
        outcome = scene.heard.outcomes.get(index, Outcome("unknown"))
        assert outcome.status == "unknown" or scene.took(index) == (outcome.status == "accepted"), (index, outcome)


def test_what_a_later_354_has_proven_stays() -> None:
    scene = stage(scripted([Told()] * 4))
    scene.talk.begin()
    scene.talk.receive(b"250 a\r\n250 b\r\n354 c\r\n")
    scene.talk.receive(b"250 taken\r\n250 a\r\n250 b\r\n354 c\r\n")
    scene.talk.receive(b"250 taken\r\n250 a\r\n250 b\r\n250 too many\r\n")
    statuses = {index: outcome.status for index, outcome in scene.heard.outcomes.items()}
    assert statuses == {0: "accepted", 1: "unknown"}
    assert scene.talk.back is not None
    assert scene.talk.back[0] == 2


@given(st.tuples(REPLIES, REPLIES, REPLIES, REPLIES | st.just(b"354 go\r\n")))
@example((b"250 a\r\n", b"251 b\r\n", b"250 c\r\n", b"354 d\r\n"))
def test_answers_mean_the_same_together_and_one_by_one(replies: tuple[bytes, ...]) -> None:
    found = []
    for pieces in (replies, [b"".join(replies)]):
        scene = stage(scripted([Told()] * 3))
        scene.talk.begin()
        scene.talk.receive(b"250 a\r\n250 b\r\n354 c\r\n")
        written = b"".join(scene.talk.receive(piece) for piece in pieces)
        talk = scene.talk
        found.append((written, scene.heard.outcomes, talk.broken, talk.distrust, talk.back, talk.carried))
        found[-1] = found[-1] if not talk.broken else found[-1][1:]  # what was to be written then has no way
    assert found[0] == found[1]


def test_what_comes_when_all_is_lost_is_not_heard() -> None:
    scene = stage(scripted([Told(), Told()]))
    scene.talk.begin()
    scene.talk.receive(b"250 a\r\n250 b\r\n354 c\r\n")
    scene.talk.lose()
    assert scene.talk.receive(b"250 taken\r\n250 a\r\n250 b\r\n354 c\r\n") == b""
    assert scene.heard.outcomes == {0: Outcome("unknown", "read_error")}


def test_a_content_waits_for_its_own_354_alone() -> None:
    scene = stage(scripted([Told(), Told()]))
    scene.talk.begin()
    assert scene.talk.receive(b"250 a\r\n250 b\r\n354 c\r\n250 early\r\n") == b""
    assert (scene.talk.broken, scene.heard.outcomes) == (True, {})


def test_only_a_connection_that_has_carried_mail_gives_one_back() -> None:
    for used, silent, code in [(False, False, "disconnected"), (True, True, "disconnected_timeout")]:
        scene = stage(scripted([Told()]), used=used)
        scene.talk.begin()
        scene.talk.lose(silent=silent)
        assert scene.heard.outcomes == {0: Outcome("deferred", code)}
        assert scene.talk.distrust
    scene = stage(scripted([Told()]), used=True)
    scene.talk.begin()
    scene.talk.lose()
    assert scene.talk.back is not None
    assert (scene.heard.outcomes, scene.talk.distrust) == ({}, False)


def test_an_envelope_behind_a_content_that_is_not_answered_had_no_turn() -> None:
    scene = stage(scripted([Told(), Told()]))
    scene.talk.begin()
    scene.talk.receive(b"250 a\r\n250 b\r\n354 c\r\n")
    scene.talk.lose(silent=True)
    assert scene.heard.outcomes == {0: Outcome("unknown", "read_timeout")}
    assert scene.talk.back is not None
    assert scene.talk.back[0] == 1


@settings(deadline=None)
@given(SCRIPTS.filter(bool), CUTS)
def test_a_server_that_throws_groups_away_is_found_out_and_nothing_is_refused_for_it(
    told: list[Told], cuts: list[int]
) -> None:
    scene = hold(stage(scripted([Told() for _ in told], flushes=True)), cuts)
    nothing_claimed_that_is_not_so(scene)
    assert scene.talk.distrust
    assert scene.talk.broken
    assert {outcome.status for outcome in scene.heard.outcomes.values()} <= {"deferred"}


def nothing_claimed_that_is_not_so(scene: Scene) -> None:
    """Each mail has one fate, and what is claimed of it is true of the server."""
    back = [scene.talk.back[0]] if scene.talk.back else []
    waiting = [index for index, _ in scene.jobs]
    assert sorted([*scene.heard.times, *back, *waiting]) == list(scene.server.told)
    for index, outcome in scene.heard.outcomes.items():
        if outcome.status != "unknown":
            assert scene.took(index) == (outcome.status == "accepted"), (index, outcome)
    assert not any(scene.took(index) for index in [*back, *waiting])


def test_a_refusal_of_commands_in_groups_is_no_refusal_of_the_mail() -> None:
    for reply in (b"503 5.5.1 Bad sequence\r\n", b"554 SMTP synchronization error\r\n"):
        scene = stage(scripted([Told()]))
        scene.talk.begin()
        scene.talk.receive(reply)
        assert scene.talk.back is not None
        assert scene.talk.back[0] == 0
        assert scene.talk.distrust
        assert scene.heard.outcomes == {}


@pytest.mark.parametrize(
    "reply", [b"25", b"hello\r\n", b"-\r\n", b"\r\n", b"xyz-a\r\n250 b\r\n", b"999 what\r\n", b"0" * 40_000]
)
def test_a_garbled_reply_is_no_refusal(reply: bytes) -> None:
    scene = stage(scripted([Told()]))
    scene.talk.begin()
    scene.talk.receive(reply)
    scene.talk.lose()
    assert scene.heard.outcomes == {0: Outcome("deferred", "disconnected")}


def test_a_reset_that_is_not_taken_ends_the_connection() -> None:
    scene = stage(scripted([Told(), Told()]))
    scene.talk.begin()
    assert scene.talk.receive(b"250 a\r\n550 no\r\n554 none\r\n").startswith(b"RSET\r\nMAIL")
    scene.talk.receive(b"354 what\r\n")
    assert scene.talk.broken
    assert scene.heard.outcomes[0].status == "deferred"
    assert scene.talk.back is not None
    assert scene.talk.back[0] == 1


def test_a_content_leaves_only_while_there_is_time() -> None:
    scene = hold(stage(scripted([Told(), Told(), Told()]), seconds=iter([9, 9, 9, 0, 0, 0])), [1000])
    assert {index: outcome.code for index, outcome in scene.heard.outcomes.items()} == {0: "250", 1: "expired"}
    assert scene.server.taken == [letter(0).raw]
    assert scene.talk.broken


def test_an_expired_or_unwritable_mail_is_passed_over() -> None:
    scene = stage(scripted([Told(), Told()]))
    scene.jobs.insert(1, (7, Message("bad", "a@b>\r\nRCPT TO:<c@d.example", raw=b"x")))
    hold(scene, [1000])
    assert scene.heard.outcomes[7] == Outcome("rejected", "bad_address")
    assert len(scene.server.taken) == 2


def test_a_full_connection_takes_no_more() -> None:
    scene = hold(stage(scripted([Told()] * 5), room=3), [1000])
    assert sorted(scene.heard.outcomes) == [0, 1, 2]
    assert [index for index, _ in scene.jobs] == [3, 4]


def test_content_and_the_next_envelope_share_a_write() -> None:
    talk = stage(scripted([Told(), Told()])).talk
    assert talk.begin().count(b"\r\n") == 3
    written = talk.receive(b"250 a\r\n250 b\r\n354 c\r\n")
    assert written.startswith(b"Message-ID: <k0@")
    assert written.endswith(b"\r\n.\r\nMAIL FROM:<s@j.example>\r\nRCPT TO:<k1@d.example>\r\nDATA\r\n")


def test_a_farewell_behind_a_refusal_takes_nothing_back() -> None:
    scene = stage(scripted([Told(), Told(), Told()]))
    scene.talk.begin()
    scene.talk.receive(b"250 a\r\n250 b\r\n354 c\r\n")
    scene.talk.receive(b"250 taken\r\n250 a\r\n550 5.1.1 no\r\n554 none\r\n421 too many errors\r\n")
    codes = {index: outcome.code for index, outcome in scene.heard.outcomes.items()}
    assert codes == {0: "250", 1: "550 5.1.1"}
    assert scene.talk.broken
    assert len(scene.jobs) == 1
