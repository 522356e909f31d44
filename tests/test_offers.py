"""Providers as the settings name them: what cannot work is refused by the setting's name, and no URL is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.offers import OfferError, is_here, read_offers
from pushsvc.settings import SettingsError, read_settings

MAIL = "smtp://127.0.0.1:8025"
HERE = "http://127.0.0.1:8026"
TWO = "main=http://a.example;weight=80 reserve=http://b.example;weight=20;rate=50"


def read(sms: str, *, keys: str = "", key: bytes = b"k", derived: bool = False, mail: str = MAIL) -> dict[str, object]:
    """Route → offer."""
    urls = {"smtp_url": mail, "sms_url": sms, "app_url": HERE}
    return {offer.name: offer for offer in read_offers(urls, key=key, keys=keys, derived=derived)}


def test_one_plain_url_is_called_like_its_channel() -> None:
    found = read_offers({"smtp_url": MAIL, "sms_url": HERE, "app_url": HERE}, key=b"k", keys="")
    assert [(one.name, one.channel, one.url, one.weight, one.rate, one.key) for one in found] == [
        ("email", "email", MAIL, 1.0, None, b""),
        ("sms", "sms", HERE, 1.0, None, b"k"),
        ("app", "app", HERE, 1.0, None, b"k"),
    ]


def test_several_have_names_weights_rates_and_keys_of_their_own() -> None:
    urls = {"smtp_url": MAIL, "sms_url": TWO, "app_url": HERE}
    found = read_offers(urls, key=b"k", keys="main=one reserve=two==")[1:3]
    assert [(one.name, one.channel, one.url, one.weight, one.rate, one.key) for one in found] == [
        ("main", "sms", "http://a.example", 80.0, None, b"one"),
        ("reserve", "sms", "http://b.example", 20.0, 50.0, b"two=="),
    ]


@pytest.mark.parametrize(
    ("sms", "words"),
    [
        ("main=ftp://hidden reserve=http://b", "must begin with http: or https:"),
        ("main=hidden", "must begin with"),
        ("http://hidden http://b", "needs a name"),
        ("main=http://hidden main=http://b", "two providers are called 'main'"),
        ("email=http://hidden reserve=http://b", "'email' is no name"),
        ("Main=http://hidden", "'Main' is no name"),
        ("=http://hidden", "'' is no name"),
        ("main=http://hidden;weight=0 reserve=http://b;weight=0", "weights are all 0"),
        ("http://hidden;weight=0", "weights are all 0"),
        ("main=http://hidden;weight=-1", "weight '-1' is no number"),
        ("main=http://hidden;weight=nan", "weight 'nan' is no number"),
        ("main=http://hidden;weight=heavy", "weight 'heavy' is no number"),
        ("main=http://hidden;rate=0", "rate '0' is no number"),
        ("main=http://hidden;rate=", "rate '' is no number"),
        ("main=http://hidden;colour=1", "'colour' is no option"),
        ("main=http://hidden;rate=1;rate=2", "'rate' is no option or stands twice"),
        ("http://", "without a host"),
        ("http://hidden:70000", "cannot be read"),
        ("http://hidden@b.example", "has no password"),
        (" ", "names no provider"),
    ],
)
def test_what_cannot_work_is_refused_by_name(sms: str, words: str) -> None:
    with pytest.raises(OfferError, match=words) as caught:
        read(sms, keys="main=one reserve=two")
    assert "PUSHSVC_SMS_URL" in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("sms", "keys", "missing"),
    [
        (TWO, "", "PUSHSVC_GATEWAY_KEYS is missing (`main=…`)"),
        (TWO, "main=one", "PUSHSVC_GATEWAY_KEYS is missing (`reserve=…`)"),
        (HERE, "pigeon=one", "PUSHSVC_GATEWAY_KEYS: there is no provider 'pigeon'"),
        (HERE, "email=one", "'email' is a mail server"),
        (TWO, "main=one main=two", "each name once"),
        (TWO, "main=", "must hold `name=key` words"),
    ],
)
def test_a_gateway_without_a_key_of_its_own_never_starts(sms: str, keys: str, missing: str) -> None:
    with pytest.raises(OfferError) as caught:
        read(sms, keys=keys)
    assert missing in str(caught.value)
    assert "one" not in str(caught.value).replace("None", "")


def test_an_only_gateway_with_an_empty_key_never_starts() -> None:
    for key in (b"", b" "):
        with pytest.raises(OfferError, match="PUSHSVC_GATEWAY_KEY is missing: PUSHSVC_SMS_URL"):
            read("http://sms.example", key=key)


def test_a_key_nobody_was_given_serves_this_machine_only() -> None:
    assert read(HERE, derived=True)
    with pytest.raises(OfferError, match="PUSHSVC_GATEWAY_KEY is missing: PUSHSVC_SMS_URL names"):
        read("https://sms.example", derived=True)


def test_the_service_does_not_start_without_the_gateways_key(tmp_path: Path) -> None:
    given = {"PUSHSVC_VAR": str(tmp_path), "PUSHSVC_APP_URL": "https://push.example"}
    with pytest.raises(SettingsError, match="PUSHSVC_GATEWAY_KEY is missing: PUSHSVC_APP_URL"):
        read_settings(given)
    assert read_settings(given | {"PUSHSVC_GATEWAY_KEY": "told"}).offers()[2].key == b"told"


def test_a_mail_servers_password_may_hold_anything_and_half_a_sign_in_is_none() -> None:
    mail = "smtp://user:p;a=ss@mail.example?starttls=yes"
    [found] = read_offers({"smtp_url": mail}, key=b"", keys="")
    assert (found.name, found.url) == ("email", mail)
    assert "p;a" not in repr(found)
    with pytest.raises(OfferError, match=r"PUSHSVC_SMTP_URL, email: .* has no password"):
        read(HERE, mail="smtp://user@mail.example")


@given(st.text(max_size=60), st.text(max_size=30))
def test_nonsense_is_an_offer_or_a_named_error(text: str, keys: str) -> None:
    try:
        found = read_offers({"sms_url": text}, key=b"k", keys=keys)
    except OfferError as error:
        found, said = (), str(error)
    else:
        said = ""
    assert ("PUSHSVC_" in said) == (not found)
    assert all(offer.key for offer in found)


@pytest.mark.parametrize(
    ("url", "here"),
    [("http://localhost:1", True), ("http://[::1]:1", True), ("http://127.1.2.3", True), ("http://10.0.0.1", False)],
)
def test_only_loopback_is_this_machine(url: str, here: bool) -> None:
    assert is_here(url) is here
