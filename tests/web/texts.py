"""Every text that pages show, found in templates and views, for the catalogue's test."""

from __future__ import annotations

import re
from pathlib import Path

from pushsvc.web import facts, labels, tags
from pushsvc.web.console import corrections as answers
from pushsvc.web.console import coverage, problems, queue, rule, standing, templates
from pushsvc.web.console.campaigns import ACTIONS, SENTENCES
from pushsvc.web.subscriber import TOASTS

ROOT = Path(__file__).parents[2] / "pushsvc"
_CALL = re.compile(r"""\bt\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


def all_texts() -> set[str]:
    """The Chinese texts handed to `t`, and the names of codes."""
    found = {"江澜市", *TOASTS.values()}
    for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("web/**/*.py")]:
        found |= {double or single for double, single in _CALL.findall(path.read_text(encoding="utf-8"))}
    found |= {text for group in labels.EVERY.values() for text in group.values()}
    found |= {text for action in ACTIONS.values() for text in (action.text, action.unsent) if text}
    found |= set(SENTENCES.values())
    found |= {action.text for action in standing.ACTIONS.values()} | {*standing.SENTENCES.values(), standing.UNKNOWN}
    found |= {*queue.SENTENCES.values(), *tags.REFUSED.values()}
    found |= {*facts.SENTENCES.values(), *answers.SENTENCES.values(), facts.UNREADABLE, answers.UNUSABLE}
    found |= {rule.WRONG, *(word for _, word in coverage.REACHED)}
    found |= {*problems.SENTENCES.values(), problems.OTHERWISE}
    found |= {*templates.SENTENCES.values(), *templates.STATES.values(), *templates.KIND_NAMES.values()}
    found |= {templates.UNKNOWN, *templates.TONGUES.values(), *templates.ANSWERS.values()}
    return found
