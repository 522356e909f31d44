"""A mailbox read over IMAP: what is understood leaves it once it is kept, what people wrote stays."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest

from channels.base import ChannelError
from channels.bounces import Home, Told, read_mail
from channels.mail_parts import MAIL_LIMIT
from channels.mailbox import LOOKED_AT, PROCESSED, Store, close, open_mailbox, parse_mailbox, read_round
from tests.channels import bounce_mails as mails
from tests.channels.imap_server import Box, imap_server

LETTER = b"From: wang@city.example\r\nSubject: Re: policy\r\n\r\nThank you.\r\n"
READ = partial(read_mail, home=Home("bounces@bounce.example", "jianglan.example"))


@pytest.fixture
def box() -> Iterator[Box]:
    """Two bounces, a letter between them."""
    with imap_server(Box({1: mails.POSTFIX, 2: LETTER, 3: mails.QMAIL})) as served:
        yield served


def keep(told: Sequence[Told]) -> Sequence[Told]:
    """Keeps what it is given."""
    return told


def once(box: Box, limit: int = 200, store: Store = keep) -> list[str]:
    """One round on a connection of its own; what each mail says."""
    connection = open_mailbox(parse_mailbox(box.url), timeout=5)
    try:
        return [one.what for one in read_round(connection, READ, store, limit=limit)]
    finally:
        close(connection)


def test_what_was_understood_is_moved_and_letters_stay_unread(box: Box) -> None:
    assert once(box) == ["receipt", "letter", "receipt"]
    assert box.moved == {1: PROCESSED, 3: PROCESSED}
    assert (box.seen(), box.flags[2]) == ([1, 3], {LOOKED_AT})


def test_a_second_round_finds_nothing_new(box: Box) -> None:
    once(box)
    assert once(box) == []
    box.mails[4] = mails.SES
    assert once(box) == ["receipt"]


def test_a_round_takes_so_many_and_letters_do_not_stand_in_the_way(box: Box) -> None:
    assert [once(box, limit=1) for _ in range(4)] == [["receipt"], ["letter"], ["receipt"], []]


def test_a_server_without_keywords_has_letters_marked_as_seen(box: Box) -> None:
    box.keeps = False
    once(box)
    assert (box.seen(), once(box)) == ([1, 2, 3], [])


def test_a_server_that_cannot_move_keeps_them_where_they_are(box: Box) -> None:
    box.offers = "IMAP4rev1"
    once(box)
    assert (box.moved, box.seen(), once(box)) == ({}, [1, 3], [])
    assert not any(line.startswith("ID") for line in box.said)


def test_nothing_is_marked_before_it_is_kept(box: Box) -> None:
    def fail(told: Sequence[Told]) -> Sequence[Told]:
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError):
        once(box, store=fail)
    assert (box.flags, box.moved) == ({}, {})
    assert once(box) == ["receipt", "letter", "receipt"]


@pytest.mark.parametrize("command", ["UID STORE", "UID FETCH", "UID SEARCH"])
def test_a_connection_that_breaks_off_has_the_mails_read_again(box: Box, command: str) -> None:
    box.breaks = command
    with pytest.raises(ChannelError, match="lost") as error:
        once(box)
    assert error.value.code == "mailbox"
    box.breaks = ""
    assert once(box)[0] == "receipt"


def test_only_the_beginning_of_a_large_mail_is_fetched(box: Box) -> None:
    box.mails[1] = mails.POSTFIX + b"x" * (2 * MAIL_LIMIT)
    assert once(box)[0] == "receipt"
    assert f"(BODY.PEEK[]<0.{MAIL_LIMIT}>)" in next(line for line in box.said if "FETCH 1 " in line)


def test_a_mail_is_read_before_the_next_is_fetched(box: Box) -> None:
    """A round of the largest mails would be 200 MB else."""
    fetched: list[int] = []

    def read(raw: bytes) -> Told:
        fetched.append(sum("FETCH" in line for line in box.said))
        return READ(raw)

    connection = open_mailbox(parse_mailbox(box.url), timeout=5)
    read_round(connection, read, keep, limit=200)
    close(connection)
    assert fetched == [1, 2, 3]


@pytest.mark.parametrize("change", [("secret%20word", "wrong"), ("INBOX", "Nowhere")])
def test_a_mailbox_that_does_not_open_is_told_without_its_words(box: Box, change: tuple[str, str]) -> None:
    with pytest.raises(ChannelError) as error:
        open_mailbox(parse_mailbox(box.url.replace(*change)), timeout=5)
    assert error.value.code == "mailbox"
    assert not any(word in error.value.sentence for word in ("wrong", "secret", "bounces"))


def test_nobody_there_is_told(box: Box) -> None:
    place = replace(parse_mailbox(box.url), port=1)
    with pytest.raises(ChannelError, match="reached"):
        open_mailbox(place, timeout=5)


def test_no_password_leaves_this_machine_without_tls(monkeypatch: pytest.MonkeyPatch, box: Box) -> None:
    there = parse_mailbox(box.url.replace("127.0.0.1", "mail.example"))
    real = imaplib.IMAP4
    monkeypatch.setattr(imaplib, "IMAP4", lambda host, port, timeout: real("127.0.0.1", port, timeout))
    with pytest.raises(Exception, match="reached"):
        open_mailbox(there, timeout=5)
    assert "LOGIN" not in box.said


def test_the_password_is_not_shown() -> None:
    assert "hidden" not in repr(parse_mailbox("imaps://user:hidden@mail.example"))


def test_the_url_names_its_parts() -> None:
    place = parse_mailbox("imaps://bounces%40bounce.example:p%2Fw%40@imap.example/Bounces/Pushsvc")
    assert (place.host, place.port, place.tls) == ("imap.example", 993, True)
    assert (place.user, place.password, place.folder) == ("bounces@bounce.example", "p/w@", "Bounces/Pushsvc")
    assert parse_mailbox("imap://a:b@localhost").folder == "INBOX"


@pytest.mark.parametrize(
    "url",
    ["", "imaps://imap.example", "imaps://a@imap.example", "pop3://a:b@c.example", "imaps://a:b@c.example:x/",
     "imaps://a:b%0d%0aX@c.example",
     "imaps://a:b@c.example/%00", "imaps://a:%E5%AF%86@c.example", "imaps://[a:b@c/"],
)  # fmt: skip
def test_a_url_that_names_none_is_refused_without_its_words(url: str) -> None:
    with pytest.raises(ChannelError) as error:
        parse_mailbox(url)
    assert error.value.code == "bad_mailbox_url"
    assert "example" not in error.value.sentence
