"""Vendors of devices as PUSHSVC_PUSH_URLS names them: what cannot work is refused by name, and no URL is repeated."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.offers import OfferError
from pushsvc.push_offers import PushOffer, read_push_offers
from pushsvc.settings import SettingsError, read_settings

JPUSH = "jpush://key:secret@api.jpush.cn"
WECHAT = "wechat://app:secret@api.weixin.qq.com?template=T"
WEBHOOK = "webhook+https://portal.example/push"


def test_each_platform_has_its_vendor() -> None:
    found = read_push_offers(f"{JPUSH}  {WECHAT} {WEBHOOK}", key=b"k")
    assert [(one.platform, one.kind, one.url, one.key) for one in found] == [
        ("jpush", "jpush", JPUSH, b""),
        ("wechat", "wechat_mp", WECHAT, b""),
        ("webhook", "webhook", WEBHOOK, b"k"),
    ]
    assert "secret" not in repr(found)
    assert read_push_offers(" ", key=b"") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://hidden", "must begin with jpush: or"),
        ("webhook://hidden.example", "must begin with"),
        ("jpush+https://a:hidden@b", "must begin with"),
        ("jpush+http://key:hidden@api.jpush.cn", "jpush: without TLS a vendor may only be on this machine"),
        ("webhook+http://hidden.example/", "webhook: without TLS"),
        ("jpush://hidden.example", "jpush: the URL has no account"),
        ("jpush://hidden@host", "jpush: the URL has no account"),
        ("wechat://a:hidden@host", "wechat: the URL names no template"),
        ("wechat://a:hidden@host?template=", "wechat: the URL names no template"),
        ("jpush://a:hidden@", "jpush: the URL has no host"),
        ("jpush://a:hidden@host:0", "jpush: the URL has no host, or a port"),
        ("jpush://a:hidden@host:70000", "jpush: the URL cannot be read"),
        (f"{JPUSH} jpush+http://a:hidden@127.0.0.1", "two vendors for jpush"),
    ],
)
def test_what_cannot_work_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(OfferError, match=words) as caught:
        read_push_offers(text, key=b"k")
    assert str(caught.value).startswith("PUSHSVC_PUSH_URLS")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(("key", "derived"), [(b"", False), (b" ", False), (b"drawn", True)])
def test_a_webhook_elsewhere_needs_a_key_that_was_given(key: bytes, derived: bool) -> None:
    with pytest.raises(OfferError, match="PUSHSVC_GATEWAY_KEY is missing: PUSHSVC_PUSH_URLS"):
        read_push_offers(WEBHOOK, key=key, derived=derived)
    assert read_push_offers("webhook+http://127.0.0.1:1/x", key=b"drawn", derived=True)[0].is_here


def test_a_url_that_cannot_be_read_is_not_repeated_by_a_traceback(tmp_path: Path) -> None:
    """`urlsplit` says whose account it could not read."""
    for setting, scheme in (("PUSHSVC_PUSH_URLS", "jpush"), ("PUSHSVC_SMS_URL", "aliyun")):
        with pytest.raises(SettingsError, match=setting) as caught:
            read_settings({"PUSHSVC_VAR": str(tmp_path), setting: f"{scheme}://app:hidden\u2100@h"})
        assert "netloc" not in "".join(traceback.format_exception(caught.value))


def test_the_service_does_not_start_with_what_cannot_work(tmp_path: Path) -> None:
    given = {"PUSHSVC_VAR": str(tmp_path)}
    for urls in ("jpush://nobody", WEBHOOK):
        with pytest.raises(SettingsError, match="PUSHSVC_PUSH_URLS"):
            read_settings(given | {"PUSHSVC_PUSH_URLS": urls})
    found = read_settings(given | {"PUSHSVC_PUSH_URLS": WEBHOOK, "PUSHSVC_GATEWAY_KEY": "told"})
    assert found.push_offers()[0].key == b"told"
    assert "jpush.cn" not in repr(read_settings(given | {"PUSHSVC_PUSH_URLS": JPUSH}))


@given(st.text(max_size=80) | st.builds("{}://{}".format, st.sampled_from(["jpush", "wechat"]), st.text(max_size=40)))
def test_nonsense_is_an_offer_or_a_named_error(text: str) -> None:
    said: str = ""
    found: tuple[PushOffer, ...] = ()
    try:
        found = read_push_offers(text, key=b"k")
    except OfferError as error:
        said = str(error)
    assert not said or "PUSHSVC_PUSH_URLS" in said
    assert len({one.platform for one in found}) == len(found)
