"""`python -m channels.sandbox ROOT`: the sandbox as a process of its own, its key in PUSHSVC_GATEWAY_KEY."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from channels.sandbox.server import run_sandbox


def main() -> None:
    """Reads the arguments and runs."""
    parser = argparse.ArgumentParser(prog="python -m channels.sandbox", description=__doc__)
    parser.add_argument("root", type=Path, help="folder of the journals")
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--hooks-url", default=None, help="the service's URL, for receipts")
    told = parser.parse_args()
    key = os.environ.get("PUSHSVC_GATEWAY_KEY", "").encode()
    if not key:
        parser.error("PUSHSVC_GATEWAY_KEY is missing")
    run_sandbox(told.root, smtp_port=told.smtp_port, http_port=told.http_port, key=key, hooks_url=told.hooks_url)


if __name__ == "__main__":
    main()
