"""How often long tests draw: all their draws where everything is run, a part of them in a plain run."""

import os

FULL = os.environ.get("PUSHSVC_TEST_DRAWS") == "all"
ALL = 20_000
PART = 30  # of which a plain run draws one: with all of them it would take a quarter of an hour
DRAWS = ALL if FULL else ALL // PART
FEWEST = 100  # what hypothesis draws by itself


def draws(n: int) -> int:
    """Of the `n` draws of a property that takes its time, one in PART in a plain run, and not fewer than FEWEST."""
    return n if FULL else min(n, max(n // PART, FEWEST))
