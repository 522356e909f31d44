"""How often long tests draw: all their draws where everything is run, a part of them in a plain run."""

import os

FULL = os.environ.get("PUSHSVC_TEST_DRAWS") == "all"
ALL = 20_000
DRAWS = ALL if FULL else ALL // 10
FEWEST = 100  # what hypothesis draws by itself


def draws(n: int) -> int:
    """Of the `n` draws of a property that takes its time, a tenth in a plain run, and not fewer than FEWEST."""
    return n if FULL else min(n, max(n // 10, FEWEST))
