"""Mail from a skeleton equals what the standard library builds, and holds no way in."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, default
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.mime import Letter, MimeError, Skeleton, build_skeleton, clean, fill
from channels.mime_frame import IMAGES_LIMIT, Image
from channels.templates import TemplateError, compile_template
from channels.wire import wire_form

NOW = datetime(2026, 6, 24, 1, 30, tzinfo=UTC)
SENDER = "江澜市政策直达 <policy@jianglan.example>"
URL = "https://policy.jianglan.example/u/abc"
HEADERS = ("To", "From", "Subject", "Message-ID", "Date", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version")
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=40)
LINES = st.lists(
    st.one_of(CHINESE, st.just("."), st.just("..x"), st.text(max_size=30), st.just("长" * 400)), max_size=8
)
BODIES = st.tuples(LINES.map("\n".join), LINES.map("\n".join), LINES.map("\n".join))
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60)


def skeleton(text: str = "您好 {{ name }}", html: str = "<p>{{ name }}</p>", subject: str = "通知") -> Skeleton:
    made = [compile_template(source) for source in (subject, text, html)]
    return build_skeleton(made[0], made[1], made[2], sender=SENDER, values={})


def letter(**changes: object) -> Letter:
    given_ = {"to": "a@b.example", "key": "k1", "date": NOW, "unsubscribe_url": URL, "values": {"name": "张三"}}
    return Letter(**{**given_, **changes})  # type: ignore[arg-type]


def twin(subject: str, text: str, html: str, sent: Letter) -> EmailMessage:
    """The same mail by the standard library."""
    message = EmailMessage(policy=SMTP)
    message["To"], message["From"], message["Subject"] = sent.to, SENDER, subject
    message["Message-ID"], message["Date"] = f"<{sent.key}@jianglan.example>", sent.date
    message["List-Unsubscribe"] = f"<{sent.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    return email.message_from_bytes(message.as_bytes(), policy=default)  # type: ignore[return-value]


def contents(message: EmailMessage) -> list[tuple[str, str]]:
    return [(part.get_content_type(), part.get_content()) for part in message.iter_parts()]


def raw(text: str) -> str:
    """A text that a template takes as it stands."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("{", "(").replace("}", ")")


@settings(deadline=None)
@given(BODIES, PLAIN, PLAIN)
def test_parts_and_headers_equal_the_standard_librarys(body: tuple[str, str, str], name: str, why: str) -> None:
    one, two, three = (raw(part) for part in body)
    sent = letter(values={"name": name, "why": why})
    text, html = f"{one}{{{{ name }}}}{two}{{{{ why }}}}{three}", f"<p>{one}{{{{ name }}}}{two}</p>{{{{ why }}}}{three}"
    ours = email.message_from_bytes(fill(skeleton(text, html), sent), policy=default)
    plain, page = f"{one}{name}{two}{why}{three}", f"<p>{one}{escape(name)}{two}</p>{escape(why)}{three}"
    theirs = twin("通知", plain, page, sent)
    assert contents(ours) == contents(theirs)  # type: ignore[arg-type]
    assert [(name, ours[name]) for name in HEADERS] == [(name, theirs[name]) for name in HEADERS]
    assert not ours.defects


@settings(deadline=None)
@given(PLAIN.filter(lambda text: text.strip() and "{" not in text))
def test_a_subject_survives_whatever_its_length_and_script(subject: str) -> None:
    message = email.message_from_bytes(fill(skeleton(subject=subject), letter()), policy=default)
    assert message["Subject"] == subject
    assert message["To"] == "a@b.example"


@settings(deadline=None)
@given(BODIES, st.text(max_size=100))
def test_lines_are_short_ascii_and_end_as_mail_wants(body: tuple[str, str, str], name: str) -> None:
    mail = fill(skeleton(raw(body[0]) + "{{ name }}" + raw(body[1])), letter(values={"name": name}))
    lines = mail.split(b"\r\n")
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in lines)
    assert not any(line.startswith(b".") for line in lines)
    assert wire_form(mail) == wire_form(bytes(mail)) == mail + b".\r\n"
    assert mail.isascii()


@given(st.text(max_size=200))
def test_no_name_can_add_a_header_or_end_a_part(name: str) -> None:
    attack = name + "\r\nBcc: x@y.example\r\n\r\n.\r\nMAIL FROM:<x>\r\n--=_\r\n" + name
    message = email.message_from_bytes(fill(skeleton(), letter(values={"name": attack})), policy=default)
    assert message["Bcc"] is None
    assert len(list(message.iter_parts())) == 2  # type: ignore[attr-defined]
    (_, text), _ = contents(message)  # type: ignore[arg-type]
    assert text.count("\r\n") == 1
    assert clean(attack) == clean(clean(attack))


@pytest.mark.parametrize("ending", ["\r\nBcc: x@y.example", "\nX: 1", "\r", "\x00", " ", ">", "\u2028x"])
@pytest.mark.parametrize(
    ("field", "start", "code"),
    [("to", "a@b.example", "bad_address"), ("key", "k1", "bad_key"), ("unsubscribe_url", URL, "bad_url")],
)
def test_header_values_cannot_be_ended(field: str, start: str, code: str, ending: str) -> None:
    with pytest.raises(MimeError) as caught:
        fill(skeleton(), letter(**{field: start + ending}))
    assert caught.value.code == code
    assert start not in caught.value.sentence


@pytest.mark.parametrize("subject", ["a\nBcc: x@y.example", "a\r\n b", "a\x00", " ", "", "长" * 501])
def test_a_subject_cannot_be_ended(subject: str) -> None:
    title = compile_template("{{ title }}")
    with pytest.raises(MimeError) as caught:
        build_skeleton(title, title, None, sender=SENDER, values={"title": subject})
    assert caught.value.code == "bad_header"


@pytest.mark.parametrize(
    "sender", ["a\r\nBcc: b <x@y.example>", "no address", "a <a@b.example\r\nX: 1>", "", "a <长@b.cn>"]
)
def test_a_sender_cannot_be_ended(sender: str) -> None:
    plain = compile_template("x")
    with pytest.raises(MimeError):
        build_skeleton(plain, plain, None, sender=sender, values={})


def test_a_subject_holds_no_recipients_value() -> None:
    with pytest.raises(MimeError, match="own value"):
        skeleton(subject="{{ name }},您好")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", 'https://x.example/"onload=', "//x.example", "https://x y", "https://x\\y"]
)
def test_a_link_is_an_http_address_or_refused(link: str) -> None:
    with pytest.raises(MimeError) as caught:
        fill(skeleton(html='<a href="{{ link }}">'), letter(values={"name": "", "link": link}))
    assert caught.value.code == "bad_url"


def test_a_missing_or_endless_value_is_refused() -> None:
    for values, code in [({}, "missing_value"), ({"name": "x" * 10_001}, "too_long")]:
        with pytest.raises(MimeError) as caught:
            fill(skeleton(), letter(values=values))
        assert caught.value.code == code
    with pytest.raises(TemplateError):
        skeleton(text="{{ title }}")


def test_a_date_needs_its_zone() -> None:
    with pytest.raises(MimeError, match="time zone"):
        fill(skeleton(), letter(date=NOW.replace(tzinfo=None)))


def test_a_mail_without_unsubscribing_or_html_is_one_plain_part() -> None:
    plain = compile_template("验证码 {{ name }}")
    made = build_skeleton(plain_subject := compile_template("code"), plain, None, sender="p@j.example", values={})
    message = email.message_from_bytes(fill(made, letter(unsubscribe_url="")), policy=default)
    assert plain_subject.holes == frozenset()
    assert message.get_content_type() == "text/plain"
    assert message.get_content() == "验证码 张三\r\n"  # type: ignore[attr-defined]
    assert (message["List-Unsubscribe"], message["From"]) == (None, "p@j.example")


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert fill(skeleton(), letter()) == fill(skeleton(), letter())


def with_images(*images: Image) -> Skeleton:
    """A mail whose HTML shows these."""
    title, text, html = (compile_template(source) for source in ("通知", "{{ name }}", "<p>{{ name }}</p>"))
    return build_skeleton(title, text, html, sender=SENDER, values={}, images=images)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), PLAIN)
def test_images_stand_with_the_html_as_the_standard_library_puts_them(pngs: list[bytes], name: str) -> None:
    sent = letter(values={"name": name})
    images = [Image(f"chart{number}@charts", png) for number, png in enumerate(pngs)]
    ours = email.message_from_bytes(fill(with_images(*images), sent), policy=default)
    theirs = twin("通知", name, f"<p>{escape(name)}</p>", sent)
    html = theirs.get_payload()[1]  # type: ignore[index]
    for image in images:
        html.add_related(image.png, "image", "png", cid=f"<{image.cid}>")  # type: ignore[union-attr]
    theirs = email.message_from_bytes(theirs.as_bytes(policy=SMTP), policy=default)  # type: ignore[assignment]
    leaves = [[part for part in mail.walk() if not part.is_multipart()] for mail in (ours, theirs)]
    assert [part.get_content_type() for part in ours.walk()] == [part.get_content_type() for part in theirs.walk()]
    for mine, other in zip(*leaves, strict=True):
        assert (mine["Content-ID"], mine.get_content()) == (other["Content-ID"], other.get_content())  # type: ignore[attr-defined]
    assert not any(part.defects for part in ours.walk())


def test_an_image_costs_a_recipient_nothing_but_its_bytes() -> None:
    made = with_images(Image("chart@charts", b"png" * 1000))
    assert len(made.bodies) == 2
    assert made.end.count(b"image/png") == 1


@pytest.mark.parametrize(
    "images",
    [
        [Image("no id", b"")],
        [Image("a@b>\r\nBcc: x", b"")],
        [Image("a@charts", b"x" * 100_001)],
        [Image(f"a{n}@charts", b"") for n in range(IMAGES_LIMIT + 1)],
    ],
)
def test_an_image_that_cannot_stand_there_is_refused(images: list[Image]) -> None:
    with pytest.raises(ValueError, match="image"):
        with_images(*images)


def test_a_name_in_any_script_stands_in_utf8() -> None:
    mail = fill(skeleton(), letter(to="用户@江澜.example"))
    assert mail.startswith("To: 用户@xn--9sw02e.example\r\n".encode())
    assert wire_form(mail) == wire_form(bytes(mail))
