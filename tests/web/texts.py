"""Every text that pages show, found in templates and views, for the catalogue's test."""

from __future__ import annotations

import re
from pathlib import Path

from pushsvc.web import (
    card_words,
    checkup_files,
    choice_page,
    choice_words,
    facts,
    family,
    firms,
    history_words,
    labels,
    proxies,
    proxy_words,
    questions,
    self_check,
    signed_in,
    tags,
    wish_form,
    wish_page,
    wishes,
)
from pushsvc.web.console import corrections as answers
from pushsvc.web.console import coverage, editing, memberships, problems, queue, rule, standing, templates
from pushsvc.web.console import faq as answered
from pushsvc.web.console import questions as asked
from pushsvc.web.console.actions import ACTIONS, SENTENCES
from pushsvc.web.reacting import DONE_ALREADY, REASONS, TOASTS

ROOT = Path(__file__).parents[2] / "pushsvc"
_CALL = re.compile(r"""\bt\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


def all_texts() -> set[str]:
    """The Chinese texts handed to `t`, and the names of codes."""
    found = {"江澜市", *TOASTS.values()}
    for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("web/**/*.py")]:
        found |= {double or single for double, single in _CALL.findall(path.read_text(encoding="utf-8"))}
    found |= {text for group in labels.EVERY.values() for text in group.values()}
    found |= {text for action in ACTIONS.values() for text in (action.text, action.unsent) if text}
    found |= {*SENTENCES.values(), *editing.WORDS.values(), *(said for _, said in editing.WRONG.values())}
    found |= {action.text for action in standing.ACTIONS.values()} | {*standing.SENTENCES.values(), standing.UNKNOWN}
    found |= {*queue.SENTENCES.values(), *tags.REFUSED.values()}
    found |= {*facts.SENTENCES.values(), *answers.SENTENCES.values(), facts.UNREADABLE, answers.UNUSABLE}
    found |= {*questions.SENTENCES.values(), *asked.SENTENCES.values(), asked.FAQ_HALF}
    found |= set(checkup_files.STATES.values())
    found |= {*answered.REFUSED.values(), answered.UNKNOWN_POLICY}
    found |= {*family.SENTENCES.values(), family.UNREADABLE}
    found |= {*firms.SENTENCES.values(), *proxies.SENTENCES.values(), *memberships.SENTENCES.values()}
    found |= {
        *proxy_words.SCOPES.values(),
        *proxy_words.WORDINGS.values(),
        *proxy_words.ACTS.values(),
        *proxy_words.PAGES.values(),
        proxy_words.SEEN,
        proxy_words.CHANGED,
    }
    found |= {
        *wish_form.WRONG.values(),
        wish_form.OTHERWISE,
        *wish_page.OF_FIELD.values(),
        wishes.SAME,
        wishes.TOO_MANY,
    }
    found |= {rule.WRONG, *(word for _, word in coverage.REACHED)}
    found |= {*problems.SENTENCES.values(), problems.OTHERWISE}
    found |= {*templates.SENTENCES.values(), *templates.STATES.values(), *templates.KIND_NAMES.values()}
    found |= {templates.UNKNOWN, *templates.TONGUES.values(), *templates.ANSWERS.values()}
    found |= {*signed_in.DEVICES.values(), *signed_in.HOW.values()}
    found |= {*choice_words.WRONG.values(), *choice_words.SUPPRESSED.values()}
    found |= {choice_words.OTHERWISE, choice_words.STOPPED, *(text for _, _, text in choice_page.SIZES)}
    found |= {*history_words.GROUPS.values(), *history_words.PROVIDER.values(), *history_words.SYSTEM.values()}
    found |= {history_words.UNSAID, history_words.OPENED, *history_words.STATES.values()}
    found |= {*card_words.HEADS.values(), *REASONS.values(), DONE_ALREADY}
    found |= {self_check.UNREADABLE, *self_check.NOT_KEPT.values(), self_check.NOT_KEPT_OTHERWISE}
    return found
