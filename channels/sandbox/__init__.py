"""The counterpart on loopback: a mail server and a gateway that write down what arrives, before they say so."""

from channels.sandbox.journal import count
from channels.sandbox.server import Sandbox, open_sandbox, run_sandbox

__all__ = ["Sandbox", "count", "open_sandbox", "run_sandbox"]
