"""Addresses: what people type becomes one canonical value, or an error with a code."""

from __future__ import annotations

import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.address import AddressError, mask_name, parse_address, seen_name
from tests.profiles.making import refusal


@pytest.mark.parametrize(
    "text",
    [
        "13800130217",
        "１３８００１３０２１７",
        "+86 138-0013-0217",
        "0086 13800130217",
        " 138 0013 0217 ",
        "+8613800130217",
        "8613800130217",
        "86-138–0013–0217",
        "＋８６（１３８）００１３　０２１７",
        "tel:+86-138-0013-0217",
        "手机：138\u200b0013 0217",
    ],
)
def test_one_mobile_number_in_its_shapes(text: str) -> None:
    found = parse_address("sms", text)
    assert (found.value, found.mask) == ("+8613800130217", "138****0217")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("010-62345678", "not_mobile"),
        ("0571-87654321", "not_mobile"),
        ("4008123123", "not_mobile"),
        ("12345", "bad_number"),
        ("106901234567", "bad_number"),
        ("138001302", "bad_number"),
        ("13800130217;ext=5", "bad_number"),
        ("1069 0123 4567", "bad_number"),
        ("95588", "bad_number"),
        ("800-812-3123", "not_mobile"),
        ("0086-10-62345678", "not_mobile"),
        ("+852 91234567", "not_mainland"),
        ("852-9123 4567", "not_mainland"),
        ("00852 91234567", "not_mainland"),
        ("+853 66123456", "not_mainland"),
        ("85366123456", "not_mainland"),
        ("886912345678", "not_mainland"),
        ("+1 415 555 2671", "not_mainland"),
        ("+886912345678", "not_mainland"),
        ("call me", "bad_number"),
        ("138FLOWERS1", "bad_number"),
        ("13800138ABC", "bad_number"),
        ("13800130217*", "bad_number"),
        ("①③800130217", "bad_number"),
        ("微信13800130217", "bad_number"),
        ("", "empty"),
        ("　", "empty"),
        ("1" * 400, "too_long"),
        ("138001302170", "bad_number"),
        ("13800130217, 13900130217", "bad_number"),
    ],
)
def test_what_takes_no_sms_is_an_error(text: str, code: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address("sms", text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "value", "mask"),
    [
        ("anna@X.CN", "anna@x.cn", "a***@x.cn"),
        ("a@例子.中国", "a@xn--fsqu00a.xn--fiqs8s", "a***@xn--fsqu00a.xn--fiqs8s"),
        ("a＠例子。中国", "a@xn--fsqu00a.xn--fiqs8s", "a***@xn--fsqu00a.xn--fiqs8s"),
        ("a@XN--FSQU00A.XN--FIQS8S", "a@xn--fsqu00a.xn--fiqs8s", "a***@xn--fsqu00a.xn--fiqs8s"),
        ("a@bücher.de", "a@xn--bcher-kva.de", "a***@xn--bcher-kva.de"),
        ("ｗang@jianglan.example", "wang@jianglan.example", "w***@jianglan.example"),
    ],
)
def test_a_mailbox_gets_an_ascii_domain(text: str, value: str, mask: str) -> None:
    found = parse_address("email", text)
    assert (found.value, found.mask) == (value, mask)


LONG = ["a" * 65 + "@x.cn", "a@" + "b" * 64 + ".cn", "a@" + "b." * 126 + "cn", "a@" + "例" * 60 + ".中国"]


@pytest.mark.parametrize(
    "text",
    [
        *[
            "a",
            "a@",
            "@x.cn",
            "a b@x.cn",
            "a@localhost",
            "a@x..cn",
            "a@-x.cn",
            ".a@x.cn",
            "a@[1.2.3.4]",
            "<a@x.cn>",
            "a@xn--zzzzzz.cn",
        ],
        *LONG,
        "a@x.cn\nBcc: b@x.cn",
        '"a b"@x.cn',
        "a@x.cn,b@x.cn",
    ],
)
def test_what_is_no_mailbox_is_an_error(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address("email", text)
    assert caught.value.code == "bad_email"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("李@x.cn", "李@x.cn"),
        ("中文@例子.中国", "中文@xn--fsqu00a.xn--fiqs8s"),
        ("ａ李@x.cn", "a李@x.cn"),
        ("e\u0301va@x.cn", "éva@x.cn"),  # composed, so that it is found again
    ],
)
def test_a_name_in_other_letters_stays_and_its_domain_is_ascii(text: str, value: str) -> None:
    assert parse_address("email", text).value == value


@pytest.mark.parametrize("text", ["\u202e李@x.cn", "李\u0000@x.cn", "李 四@x.cn", "\u0301李@x.cn"])
def test_signs_that_deceive_are_no_name(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address("email", text)
    assert caught.value.code == "bad_email"


@pytest.mark.parametrize("text", ["a" * 64 + "@x.cn", "a@" + "b" * 63 + ".cn"])
def test_a_mailbox_may_be_as_long_as_the_standard_allows(text: str) -> None:
    assert parse_address("email", text).value == text


@pytest.mark.parametrize("text", ["short", "x" * 129, "has space in the token", "令牌" * 10])
def test_a_wrong_token_is_an_error(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address("app", text)
    assert caught.value.code == "bad_token"


def test_a_token_is_kept_as_it_is() -> None:
    assert parse_address("app", "AbC_-1234567890x").value == "AbC_-1234567890x"


def test_an_unknown_channel_is_an_error() -> None:
    with pytest.raises(AddressError, match="app, sms or email"):
        parse_address("pigeon", "13800130217")


def test_an_address_never_shows_its_value() -> None:
    assert "13800130217" not in repr(parse_address("sms", "13800130217"))


def test_names_are_masked() -> None:
    assert (mask_name("张三丰"), mask_name("")) == ("张**", "")


@given(st.text())
def test_a_name_on_a_page_is_one_short_line_that_turns_nothing(name: str) -> None:
    shown = seen_name(name)
    assert len(shown) <= 100
    assert shown == " ".join(shown.split())
    assert {unicodedata.category(char) for char in shown}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert mask_name(name) == (shown[:1] + "**" if shown else "")


@pytest.mark.parametrize(
    ("name", "shown", "mask"),
    [
        ("\u202e\u200b王 五\n", "王 五", "王**"),
        ("阿" * 10_000, "阿" * 99 + "…", "阿**"),
        ("\u200b\ufeff", "", ""),
        ("买买提·阿不都", "买买提·阿不都", "买**"),
        ("\U00030edd\ue000", "\U00030edd\ue000", "\U00030edd**"),  # rare letters of names
    ],
)
def test_names_keep_what_can_be_seen(name: str, shown: str, mask: str) -> None:
    assert (seen_name(name), mask_name(name)) == (shown, mask)


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(AddressError("empty", "The address is empty.")))
    assert (error.code, error.sentence) == ("empty", "The address is empty.")


@given(st.sampled_from(["app", "sms", "email"]), st.text(max_size=60) | st.from_regex(r"\+?[0-9 ０-９()-]{3,20}"))
def test_no_text_crashes_it_and_a_value_reads_back(channel: str, text: str) -> None:
    error = refusal(parse_address, channel, text)
    assert error is None or error.sentence
    if error is None:
        found = parse_address(channel, text)
        assert found.value.isascii()
        assert parse_address(channel, found.value) == found
