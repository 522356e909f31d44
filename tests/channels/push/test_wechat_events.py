"""WeChat's events: the documents' own examples, forged and old ones, and XML that means harm."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import ChannelError, Receipt
from channels.push.wechat import WeChatChannel
from channels.push.wechat_events import BODY_LIMIT
from tests.draws import draws

NOW = datetime(2026, 6, 24, 1, 30, tzinfo=UTC)
TOKEN = "0123456789abcdef0123456789abcdef"
OPENID = "otFpruAK8D-E6EfStSYonYSBZ8_4"
SENT = f"""<xml>
    <ToUserName><![CDATA[gh_123456789abc]]></ToUserName>
    <FromUserName><![CDATA[{OPENID}]]></FromUserName>
    <CreateTime>1610969468</CreateTime>
    <MsgType><![CDATA[event]]></MsgType>
    <Event><![CDATA[subscribe_msg_sent_event]]></Event>
    <SubscribeMsgSentEvent>
        <List><TemplateId><![CDATA[VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc]]></TemplateId>
            <MsgID>1700827132819554304</MsgID>
            <ErrorCode>0</ErrorCode>
            <ErrorStatus><![CDATA[success]]></ErrorStatus>
        </List>
    </SubscribeMsgSentEvent>
</xml>"""
JOB = f"""<xml><ToUserName><![CDATA[gh_7f083739789a]]></ToUserName>
<FromUserName><![CDATA[{OPENID}]]></FromUserName><CreateTime>1395658920</CreateTime>
<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>
<MsgID>200163836</MsgID><Status><![CDATA[success]]></Status></xml>"""


def signed(token: str = TOKEN, now: datetime = NOW, **more: str) -> dict[str, str]:
    """The header in which the web layer hands the query on."""
    stamp, nonce = str(int(now.timestamp())), "486452656"
    signature = hashlib.sha1("".join(sorted([token, stamp, nonce])).encode()).hexdigest()
    query = {"signature": signature, "timestamp": stamp, "nonce": nonce, "openid": OPENID} | more
    return {"X-Pushsvc-Query": urlencode(query)}


def channel(token: str = TOKEN + "beyond what WeChat takes", query: str = "") -> WeChatChannel:
    url = f"wechat://app:word@api.weixin.qq.com?template=T{query}"
    return WeChatChannel(url, clock=lambda: NOW, token=token)


def read(text: str) -> list[Receipt]:
    return channel().receipts(text.encode(), signed())


def code_of(body: bytes, headers: dict[str, str]) -> str:
    with pytest.raises(ChannelError) as caught:
        channel().receipts(body, headers)
    return caught.value.code


def test_the_documents_example_says_delivered() -> None:
    number = "1700827132819554304"
    raw = {"code": "0"}
    assert read(SENT) == [Receipt(key="", status="delivered", code="0", raw=raw, to=OPENID, provider_id=number)]
    assert [(one.provider_id, one.status) for one in read(JOB)] == [("200163836", "delivered")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SENT.replace("<ErrorCode>0<", "<ErrorCode>43101<"), "43101"),
        (JOB.replace("[success]", "[failed:user block]"), "user_block"),
        (JOB.replace("[success]", "[failed: system failed]"), "failed"),
    ],
)
def test_what_did_not_arrive_says_why(text: str, code: str) -> None:
    (found,) = read(text)
    assert (found.status, found.code, found.to) == ("rejected", code, OPENID)
    assert OPENID not in str(found.raw)


@pytest.mark.parametrize(
    "text",
    [
        SENT.replace("subscribe_msg_sent_event", "subscribe_msg_popup_event"),
        SENT.replace("<MsgID>1700827132819554304</MsgID>", ""),
        SENT.replace("<ErrorCode>0</ErrorCode>", ""),
        SENT.replace(OPENID, ""),
        JOB.replace("[success]", "[on its way]"),
        "<xml/>",
    ],
)
def test_what_is_no_final_result_says_nothing(text: str) -> None:
    assert read(text) == []


def test_several_in_one_event_are_all_read_up_to_a_bound() -> None:
    row = SENT[SENT.index("<List>") : SENT.index("</List>") + 7]
    assert len(read(SENT.replace(row, row * 3))) == 3
    assert len(read(SENT.replace(row, row * 150))) == 100


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Pushsvc-Query": ""},
        {"X-Pushsvc-Query": "&" * 5000},
        signed("another"),
        signed(signature=""),
        signed(signature="é"),
        signed(nonce="other"),
        signed(timestamp="1"),
        signed(timestamp="٧"),
        signed(now=NOW.replace(hour=0)),
        signed(now=NOW.replace(hour=2)),
    ],
)
def test_a_forged_or_old_one_is_refused(headers: dict[str, str]) -> None:
    assert code_of(SENT.encode(), headers) == "bad_signature"


def test_five_minutes_are_still_fresh() -> None:
    for minute in (25, 35):
        assert len(channel().receipts(SENT.encode(), signed(now=NOW.replace(minute=minute)))) == 1


BOMB = '<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
FILE = '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "body",
    [
        (BOMB + SENT.replace("success", "&c;")).encode(),
        (FILE + SENT.replace(OPENID, "&x;")).encode(),
        ('<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd">' + SENT).encode(),
        (FILE + "<xml>&x;</xml>").encode("utf-16"),
        b"<xml>" * 100_000,
        b"<xml>" + b" " * BODY_LIMIT,
        b"",
        b"\x00",
        b"{}",
        b"<xml",
        b'<?xml version="1.0" encoding="no-such"?><xml/>',
    ],
)
def test_xml_that_means_harm_is_refused(body: bytes) -> None:
    assert code_of(body, signed()) == "bad_receipt"


def test_the_greeting_is_echoed_to_wechat_only() -> None:
    assert channel().echo(signed(echostr="5838479218127813673")) == "5838479218127813673"
    assert channel(query="&token=mine").echo(signed("mine", echostr="1")) == "1"
    with pytest.raises(ChannelError):
        channel().echo(signed("another", echostr="1"))


def test_without_a_token_there_are_no_receipts() -> None:
    with pytest.raises(ChannelError) as caught:
        channel(token="").receipts(SENT.encode(), signed(""))
    assert caught.value.code == "no_receipts"


PARTS = st.sampled_from(
    [
        "<xml>", "</xml>", "<Event>", "</Event>", "subscribe_msg_sent_event", "<List>", "<![CDATA[", "]]>", OPENID,
        "<SubscribeMsgSentEvent>", "<MsgID>", "<!DOCTYPE a [", "&a;", "\x00", "<?x?>",
    ]
)  # fmt: skip
TEXTS = st.lists(PARTS | st.text(max_size=8), max_size=12).map("".join)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&>"), max_size=80)


def filled(number: str, code: str, to: str) -> str:
    """The example with other values."""
    return SENT.replace("1700827132819554304", number).replace(">0<", f">{code}<").replace(OPENID, to)


EVENTS = st.one_of(TEXTS, st.builds(filled, VALUES, VALUES, VALUES)).map(lambda text: text.encode(errors="replace"))


@settings(max_examples=draws(10_000))
@given(EVENTS | st.binary(max_size=200), st.booleans())
def test_no_event_makes_it_crash_and_no_forged_one_says_anything(body: bytes, genuine: bool) -> None:
    found, code = [], ""
    try:
        found = channel().receipts(body, signed() if genuine else signed("another"))
    except ChannelError as exc:
        code = exc.code
    assert code in (("", "bad_receipt") if genuine else ("bad_signature",))
    for receipt in found:
        assert receipt.to
        said = (receipt.code, receipt.to, receipt.provider_id, *receipt.raw.values())
        assert all(len(text) <= 64 and "\x00" not in text for text in said)


@settings(max_examples=draws(10_000))
@given(
    st.text(max_size=200), st.dictionaries(st.sampled_from(["signature", "timestamp", "nonce"]), st.text(max_size=20))
)
def test_no_query_makes_it_crash(raw: str, query: dict[str, str]) -> None:
    for text in (raw, "&".join(f"{name}={value}" for name, value in query.items())):
        with pytest.raises(ChannelError):
            channel().receipts(SENT.encode(), {"x-pushsvc-query": text})
