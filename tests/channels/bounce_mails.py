"""Mails that came back, in the shapes in which mail servers write them; all people and hosts are made up."""

from __future__ import annotations

KEY = "0123456789abcdef0123456789abcdef"
PATH = f"bounces+{KEY}@bounce.example"
RETURNED = f"""Return-Path: <{PATH}>
Received: from relay.example (relay.example [192.0.2.7]) by mx.example with ESMTPS id 5.1.1
Message-ID: <{KEY}@jianglan.example>
From: policy@jianglan.example
To: wang.xiaoming@city.example
Subject: =?utf-8?b?5pS/562W?=

"""


def report(status: str, *, head: str = "", words: str = "", returned: str = RETURNED, kind: str = "") -> bytes:
    """A multipart report to the return path: words, a part with `status`, the returned headers."""
    kind = kind or "message/delivery-status"
    told = "feedback-report" if "feedback" in kind else "delivery-status"
    return f"""{head or f"To: <{PATH}>"}
MIME-Version: 1.0
Content-Type: multipart/report; report-type={told}; boundary="=_b/1"

Preamble.
--=_b/1
Content-Type: text/plain; charset=utf-8

{words}
--=_b/1
Content-Type: {kind}

{status}
--=_b/1
Content-Type: text/rfc822-headers

{returned}
--=_b/1--
""".replace("\n", "\r\n").encode()


def recipient(status: str, diagnostic: str, action: str = "failed") -> str:
    """A delivery status for one recipient."""
    about = "Final-Recipient: rfc822; wang.xiaoming@city.example\n"
    return (
        f"Reporting-MTA: dns; mx.example\n\n{about}Action: {action}\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n"
    )


POSTFIX = report(
    "Reporting-MTA: dns; relay.example\nX-Postfix-Queue-ID: C7E6F21029B\n"
    f"X-Postfix-Sender: rfc822; {PATH}\nArrival-Date: Mon, 22 Jun 2026 21:55:34 +0000 (UTC)\n\n"
    "Final-Recipient: rfc822; wang.xiaoming@city.example\nOriginal-Recipient: rfc822;wang.xiaoming@city.example\n"
    "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.city.example\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <wang.xiaoming@city.example>: Recipient address\n    rejected: User unknown",
    head=f"Return-Path: <>\nDelivered-To: {PATH}\nFrom: Mail Delivery System <MAILER-DAEMON@relay.example>\n"
    f"To: {PATH}\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied",
    words="<wang.xiaoming@city.example>: host mx.city.example said: 550 5.1.1 User unknown",
)
EXIM = report(
    "Reporting-MTA: dns; exim.example\n\nAction: failed\nFinal-Recipient: rfc822;wang.xiaoming@city.example\n"
    "Status: 5.0.0\nRemote-MTA: dns; mx.city.example\n"
    "Diagnostic-Code: smtp; 550 Unrouteable address: no such user here",
    head=f"From: Mail Delivery System <Mailer-Daemon@exim.example>\nTo: {PATH}\n"
    "X-Failed-Recipients: wang.xiaoming@city.example\n"
    "Auto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender",
)
SENDMAIL = report(
    "Reporting-MTA: dns; sendmail.example\nReceived-From-MTA: DNS; relay.example\nArrival-Date: x\n\n"
    "Final-Recipient: RFC822; wang.xiaoming@city.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: SMTP; 550 5.1.1 <wang.xiaoming@city.example>... User unknown\nLast-Attempt-Date: x",
    head=f"From: MAILER-DAEMON@sendmail.example\nTo: <{PATH}>\nSubject: Returned mail: see transcript for details\n"
    "Auto-Submitted: auto-generated (failure)",
)
EXCHANGE = report(
    "Reporting-MTA: dns;EX01.city.example\n\nFinal-recipient: RFC822; wang.xiaoming@city.example\nAction: failed\n"
    "Status: 5.1.10\nRemote-MTA: dns;EX02.city.example\n"
    "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient\n not found by SMTP address lookup\n"
    "X-Display-Name: Wang Xiaoming",
    head=f"From: <postmaster@city.example>\nTo: <{PATH}>\nSubject: =?gb2312?B?zrS0q7Xd?=: x\n"
    "X-MS-Exchange-Message-Is-Ndr:",
)
GMAIL = report(
    "Reporting-MTA: dns; googlemail.com\nArrival-Date: x\nX-Original-Message-ID: <x@jianglan.example>\n\n"
    "Final-Recipient: rfc822; wang.xiaoming@gmail.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
    " 550-5.1.1 double-checking the recipient's email address for typos or\n 550 5.1.1 unnecessary spaces.",
    head=f"Delivered-To: {PATH}\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\n"
    "Subject: Delivery Status Notification (Failure)",
)
# QQ and NetEase write a page in Chinese to people; no part of it is a delivery status.
QQ = (
    f"From: PostMaster@qq.example\nTo: {PATH}\nReturn-Path: <>\nMIME-Version: 1.0\n"
    "Subject: =?gb18030?B?z7XNs83L0MU=?=/Systems bounce\nContent-Type: text/html; charset=gb18030\n\n"
).encode() + (
    "<p>很抱歉，您发送的邮件未被系统投递到 wang.xiaoming@qq.example。</p><p>退信代码：550 Mailbox not found."
    "</p><p>原邮件信息：</p>"
).encode("gb18030")
NETEASE = (
    f"Delivered-To: {PATH}\nFrom: Postmaster@163.example\nTo: {PATH}\nSubject: =?GBK?B?z7XNs83L0MU=?=\n"
    "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    "Content-Type: text/plain; charset=gbk\nContent-Transfer-Encoding: 8bit\n\n"
).encode() + (
    "抱歉，您的邮件被退回来了……\n收件人邮件地址：wang.xiaoming@163.example\n退信原因：收件人邮件地址不存在\n"
    "英文说明：550 #5.1.1 User not found: wang.xiaoming@163.example\n--b--\n"
).encode("gbk")
QMAIL = f"""Return-Path: <>
Delivered-To: {PATH}
From: MAILER-DAEMON@qmail.example
To: {PATH}
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<wang.xiaoming@city.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{RETURNED}第5.1.1条
""".encode()
SES = report(
    f"Feedback-Type: abuse\nUser-Agent: Amazon SES Complaints/1.0\nVersion: 1\nOriginal-Mail-From: <{PATH}>\n"
    "Original-Rcpt-To: wang.xiaoming@city.example\nSource-IP: 192.0.2.7\nArrival-Date: x",
    head="From: complaints@email-abuse.example\nTo: abuse@jianglan.example\nSubject: FW: complaint",
    kind="message/feedback-report",
    words="This is an email abuse report for a message received from IP 192.0.2.7",
)
HARD = {"postfix": POSTFIX, "exim": EXIM, "sendmail": SENDMAIL, "exchange": EXCHANGE, "gmail": GMAIL}
HARD |= {"netease": NETEASE, "qmail": QMAIL}
GENUINE = {**HARD, "qq": QQ, "ses": SES}
