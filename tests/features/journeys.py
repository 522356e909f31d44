"""What journeys share: a served city of one's own, a phone in somebody's hand, the service's steps done by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask

from channels.base import Message
from pushsvc.context import Context
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.escalate import escalate_due
from pushsvc.pipeline.plan import plan
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.features.chrome import Visitor, aside, cookies_of
from tests.features.town_letters import deliver
from tests.making import choose, make_campaign
from tests.registering import issue, register

MEI = {
    "name": "王小梅", "region": "990101", "birth_date": "1990-05-01", "talent_class": "E", "insurance_months": "26",
    "interests": "人才安居|托育", "phone": "13800001001", "email": "mei@city.example",
    "app_token": "token-of-mei-000000001",
    "consents": "notify:any|recommend:any", "source": "social_insurance", "as_of": "2026-03-01",
}  # fmt: skip
HOUSING = {"all": [{"fact": "talent_class", "in": ["E", "F"], "clause": "第二条"},
                   {"fact": "owns_home", "eq": False, "clause": "第三条"}]}  # fmt: skip


@dataclass(frozen=True)
class Home:
    """A served city whose database is the test's."""

    ctx: Context
    clock: Clock
    app: Flask
    url: str

    def person(self, ref: str = "mei", **columns: object) -> int:
        """Somebody who agreed to be told, reached by app, SMS and email."""
        return register(self.ctx, ref, **{**MEI, **columns})

    def policy(self, ref: str = "p1", **columns: object) -> int:
        """A published policy; the number of its campaign, which is still a draft."""
        named = {"family": ref, "title": f"人才安居补贴（{ref}）", "topic": "talent", "region": "990101"}
        return issue(self.ctx, ref, **{**named, **columns})

    def push(self, campaign: int) -> dict[str, list[str]]:
        """Run a campaign to the end of its first round; the texts that left, by channel."""
        self.run("update campaign set state = 'running', doors = '{subscribed}' where id = :n", n=campaign)
        return aside(lambda: self._pushed(campaign))

    def recommend(self, policy: int, someone: int) -> None:
        """Choose somebody for a policy through the recommended door, and plan it; nothing leaves yet."""
        with transaction(self.ctx.engine) as conn:
            number = make_campaign(conn, self.ctx, policy, doors=["recommended"])
            choose(conn, self.ctx, number, [someone], "recommended")
        aside(lambda: plan(self.ctx, number))

    def sent(self) -> dict[str, list[str]]:
        """What leaves when everything that is due by now goes out: digests, second steps, messages."""

        def work() -> dict[str, list[Message]]:
            release_digests(self.ctx)
            escalate_due(self.ctx)
            return deliver(self.ctx)

        return _texts(aside(work))

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        from tests.registering import ask

        return ask(self.ctx, query, **values)

    def run(self, statement: str, **values: Any) -> None:
        """Change something by hand."""
        from sqlalchemy import text

        with transaction(self.ctx.engine) as conn:
            conn.execute(text(statement), values)

    def _pushed(self, campaign: int) -> dict[str, list[str]]:
        audience(self.ctx, campaign)
        plan(self.ctx, campaign)
        return _texts(deliver(self.ctx))


@dataclass(frozen=True)
class Phone:
    """A phone, 360 px wide, with script or without."""

    visitor: Visitor
    home: Home
    scripts: bool

    def sign_in(self, someone: int, **who: Any) -> None:
        """Be signed in as somebody."""
        self.visitor.page.context.add_cookies(cookies_of(self.home.app, self.home.url, person=someone, **who))

    def open(self, path: str) -> str:
        """Open a page that is there; its text."""
        assert self.visitor.open(path) == 200, f"{path}: {self.said()[:200]}"
        return self.said()

    def said(self) -> str:
        """The page's text as it is seen."""
        return self.visitor.said()

    def press(self, selector: str) -> str:
        """Press it; the text of the page it leads to."""
        self.visitor.press(selector)
        return self.said()

    def button(self, words: str) -> str:
        """Press the button or link in the page's body with these words; the text of the page it leads to."""
        return self.press(f"main :is(button, a.btn, a):has-text('{words}')")

    def set(self, field: str, value: object = None) -> str:
        """Set a switch, a tick or a choice that saves itself where there is script, and is saved by a button where not;
        the text of the page that follows."""
        found = self.visitor.page.locator(f"main {field}").first

        def change() -> None:
            found.select_option(str(value)) if value is not None else found.click()

        if self.scripts:
            with self.visitor.page.expect_navigation(wait_until="load"):
                change()
        else:
            change()
            save = found.locator("xpath=ancestor::form").locator(".nojs button, button.nojs").first
            with self.visitor.page.expect_navigation(wait_until="load"):
                save.click()
        return self.said()

    def fill(self, **values: str) -> None:
        """Write into fields by their names."""
        for name, value in values.items():
            self.visitor.page.fill(f"main [name={name}]", value)


def _texts(sent: dict[str, list[Message]]) -> dict[str, list[str]]:
    return {channel: [one.text or one.title for one in found] for channel, found in sent.items() if found}
