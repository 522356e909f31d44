"""What WeChat calls back: the final result of a message, in an XML event whose address bears a signature.

Source: developers.weixin.qq.com, 服务号 消息推送 (signature = SHA-1 of token, timestamp and nonce, sorted and joined)
and 订阅通知 事件推送 (subscribe_msg_sent_event); 模板消息 (TEMPLATESENDJOBFINISH).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs

from lxml import etree

from channels.base import ChannelError, Receipt, ReceiptStatus
from channels.push.account import stored

QUERY = "x-pushsvc-query"  # the web layer puts the address's query here
SKEW_SECONDS = 300
BODY_LIMIT = 64 * 1024
MOST = 100
BLOCKED = "user_block"  # a template message to somebody who blocked the account; no errcode comes with it


def checked_query(token: str, headers: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The query of a genuine call. Raises ChannelError "bad_signature": forged, or five minutes old."""
    query = next((value for name, value in headers.items() if name.lower() == QUERY), "")
    try:
        found = {name: values[0] for name, values in parse_qs(query[:4096], max_num_fields=20).items()}
    except ValueError:
        found = {}
    stamp, nonce, given = found.get("timestamp", ""), found.get("nonce", ""), found.get("signature", "")
    joined = "".join(sorted((token, stamp, nonce))).encode(errors="replace")
    genuine = hmac.compare_digest(hashlib.sha1(joined).hexdigest().encode(), given.encode(errors="replace"))
    fresh = (
        stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and abs(now.timestamp() - int(stamp)) <= SKEW_SECONDS
    )
    if not genuine or not fresh:
        raise ChannelError("bad_signature", "The signature is missing, forged or older than five minutes.")
    return found


def read_event(body: bytes) -> list[Receipt]:
    """The receipts in an event, none in one that is about something else. Raises ChannelError "bad_receipt".

    WeChat never saw our keys: `provider_id` is the number that it gave the message, `to` whose it is.
    """
    root = _xml(body)
    event, to = _text(root, "Event"), _text(root, "FromUserName")
    if event == "subscribe_msg_sent_event":
        return [found for row in root.findall("SubscribeMsgSentEvent/List")[:MOST] for found in _sent(row, to)]
    if event == "TEMPLATESENDJOBFINISH":
        return _finished(root, to)
    return []


def _sent(row: etree._Element, to: str) -> list[Receipt]:
    code = _text(row, "ErrorCode")
    if not code:
        return []
    return _receipt(_text(row, "MsgID"), to, "delivered" if code == "0" else "rejected", code)


def _finished(root: etree._Element, to: str) -> list[Receipt]:
    said = _text(root, "Status").lower()
    if said == "success":
        return _receipt(_text(root, "MsgID"), to, "delivered", "0")
    code = BLOCKED if "block" in said else "failed"
    return _receipt(_text(root, "MsgID"), to, "rejected", code) if said.startswith("failed") else []


def _receipt(number: str, to: str, status: ReceiptStatus, code: str) -> list[Receipt]:
    if not (number and to):
        return []
    return [Receipt(key="", status=status, code=code, raw={"code": code}, to=to, provider_id=number)]


def _xml(body: bytes) -> etree._Element:
    """The document, read without entities, types or a network. Raises ChannelError "bad_receipt"."""
    if len(body) > BODY_LIMIT:
        raise ChannelError("bad_receipt", f"The callback is larger than {BODY_LIMIT} bytes.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise ChannelError("bad_receipt", "The callback is no XML.") from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise ChannelError("bad_receipt", "The callback declares a document type.")
    return root


def _text(node: etree._Element, name: str) -> str:
    return stored((node.findtext(name) or "").strip())
