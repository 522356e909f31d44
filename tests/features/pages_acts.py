"""What people do on a page before it is looked at. Nothing of it may change what another page shows."""

from __future__ import annotations

from playwright.sync_api import Page as Sheet

from tests.features.town import Town
from tests.web.making import code_for


def _sent(sheet: Sheet, button: str) -> None:
    found = sheet.locator(button).first
    found.evaluate("button => { button.form.noValidate = true; }")  # past the browser's own checks
    with sheet.expect_navigation(wait_until="load"):
        found.click()


def send_nothing(sheet: Sheet, town: Town) -> None:
    """Send the page's form as it stands."""
    town.relax()
    _sent(sheet, "main form .btn.go")


def no_such_address(sheet: Sheet, town: Town) -> None:
    """Give what is no address."""
    sheet.fill("main form input[name=address]", "12")
    _sent(sheet, "main form .btn.go")


def ask_for_a_code(sheet: Sheet, town: Town, address: str = "nobody@city.example") -> None:
    """Come to the page that asks for the code."""
    town.relax()
    sheet.fill("main form input[name=address]", address)
    _sent(sheet, "main form .btn.go")


def wrong_code(sheet: Sheet, town: Town) -> None:
    """Give a code that is not the one."""
    ask_for_a_code(sheet, town)
    sheet.fill("main form input[name=code]", "000000")
    _sent(sheet, "main form .btn.go")


def come_by_a_shared_address(sheet: Sheet, town: Town) -> None:
    """Give the right code for an address that serves two people."""
    _come(sheet, town, "email", "family@city.example", "family@city.example")


def come_by_an_old_number(sheet: Sheet, town: Town) -> None:
    """Give the right code for a number that nobody has proven for long."""
    _come(sheet, town, "sms", "13800001009", "+8613800001009")


def wrong_birthday(sheet: Sheet, town: Town) -> None:
    """Come by an old number, and be somebody else."""
    come_by_an_old_number(sheet, town)
    sheet.fill("main form input[name=born]", "2001-01-01")
    _sent(sheet, "main form .btn.go")


def come_in_wrongly(sheet: Sheet, town: Town) -> None:
    """Give a wrong password."""
    town.relax()
    sheet.fill("input[name=name]", "limeng")
    sheet.fill("input[name=password]", "wrong")
    _sent(sheet, "main form .btn.go")


def wrong_invitation(sheet: Sheet, town: Town) -> None:
    """Give a code that nobody gave."""
    town.relax()
    sheet.fill("main form input[name=code]", "ABCD-EFGH")
    _sent(sheet, "main form .btn.go")


def tick_off(sheet: Sheet, town: Town) -> None:
    """Send the form without its tick."""
    _sent(sheet, "main form .btn.halt")


def toast(sheet: Sheet, town: Town) -> None:
    """Save a policy, or no longer: a toast says so, and undoes it."""
    _sent(sheet, "main form input[name=kind][value=saved] ~ button")


def wrong_hours(sheet: Sheet, town: Town) -> None:
    """Give quiet hours one end only."""
    sheet.fill("#quiet [name=quiet_from]", "22:00")
    sheet.fill("#quiet [name=quiet_to]", "")
    _sent(sheet, "#quiet .btn")


def open_all(sheet: Sheet, town: Town) -> None:
    """Open whatever folds."""
    sheet.evaluate("() => document.querySelectorAll('main details').forEach(one => { one.open = true; })")


def _come(sheet: Sheet, town: Town, channel: str, typed: str, value: str) -> None:
    ask_for_a_code(sheet, town, typed)
    sheet.fill("main form input[name=code]", code_for(town.ctx, channel, value))
    _sent(sheet, "main form .btn.go")
