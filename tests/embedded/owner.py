"""A command that uses the servers: says where they are and its own number, and goes when its input ends."""

import json
import os
import sys

from pushsvc.embedded import servers
from pushsvc.settings import read_settings

with servers(read_settings(), durable=False, service="--service" in sys.argv) as urls:
    print(json.dumps({"pid": os.getpid(), "uid": os.geteuid(), **vars(urls)}), flush=True)
    sys.stdin.read()
