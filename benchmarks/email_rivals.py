"""Mail as the field makes it: Jinja2's compiled templates and one `EmailMessage` for each recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from importlib.resources import files

from jinja2 import Environment, Template

from pushsvc.pipeline.wording import Words
from pushsvc.settings import Settings


@dataclass(frozen=True)
class Sheet:
    """What one recipient's mail is made of."""

    to: str
    key: str
    date: datetime
    unsubscribe_url: str
    check: str


@dataclass(frozen=True)
class Writer:
    """The product's own two templates, compiled once by Jinja2, and what all recipients of a content share."""

    sender: str
    subject: str
    values: Mapping[str, object]
    text: Template = field(default_factory=lambda: _template("email.txt", html=False))
    html: Template = field(default_factory=lambda: _template("email.html", html=True))

    def write(self, sheet: Sheet) -> EmailMessage:
        """The mail. Base64 is asked for: left to choose, the library would try both encodings, and take longer."""
        message = EmailMessage(policy=SMTP)
        message["To"], message["Message-ID"] = sheet.to, f"<{sheet.key}@{self.sender.rpartition('@')[2].rstrip('>')}>"
        message["Date"], message["List-Unsubscribe"] = sheet.date, f"<{sheet.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["From"], message["Subject"] = self.sender, self.subject
        message["Auto-Submitted"] = "auto-generated"
        own = {"check": sheet.check, "unsubscribe_url": sheet.unsubscribe_url}
        message.set_content(self.text.render(**self.values, **own), cte="base64")
        message.add_alternative(self.html.render(**self.values, **own), subtype="html", cte="base64")
        return message


def writer(settings: Settings, told: Words) -> Writer:
    """The writer of a content in one language."""
    return Writer(settings.sender, told.title, told.values(settings.city))


def _template(name: str, *, html: bool) -> Template:
    source = files("pushsvc").joinpath("messages", name).read_text(encoding="utf-8").strip()
    return Environment(autoescape=html, keep_trailing_newline=True).from_string(source)
