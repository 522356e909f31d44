"""How often the long fuzz tests draw: 20,000 times where everything is run, a tenth of that in a plain run."""

import os

ALL = 20_000
DRAWS = ALL if os.environ.get("PUSHSVC_TEST_DRAWS") == "all" else ALL // 10
