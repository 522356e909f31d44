"""Every page has a guard, or says why it needs none."""

from flask import Flask

from pushsvc.app import create_app
from pushsvc.settings import Settings


def test_every_route_has_a_guard_or_a_stated_reason(settings: Settings) -> None:
    unguarded = sorted(rule.rule for rule in _rules(create_app(settings)) if not rule.guard)
    assert unguarded == []


def test_what_is_open_to_all_says_why(settings: Settings) -> None:
    silent = [rule.rule for rule in _rules(create_app(settings)) if rule.guard in ("public", "public:", "public: ")]
    assert silent == []


class _Rule:
    def __init__(self, rule: str, guard: str) -> None:
        self.rule, self.guard = rule, guard


def _rules(app: Flask) -> list[_Rule]:
    views = app.view_functions
    return [_Rule(rule.rule, str(getattr(views[rule.endpoint], "guard", ""))) for rule in app.url_map.iter_rules()]
