"""Draft the next migration: `python -m pushsvc.migrations.draft MESSAGE`; `--first` writes 0001 anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pushsvc.embedded import servers
from pushsvc.settings import read_settings
from pushsvc.store import schema
from pushsvc.store.session import connect

_VERSIONS = Path(__file__).parent / "versions"


def main(words: list[str]) -> int:
    """Compares a throw-away database at the newest step with the tables; the draft is to be read by its author."""
    first = words == ["--first"]
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    if first:
        for path in _VERSIONS.glob("0001_*.py"):
            path.unlink()
    number = "0001" if first else f"{len(list(_VERSIONS.glob('0*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        environ = {"PUSHSVC_VAR": os.path.join(folder, "var")}
        with servers(read_settings(environ), durable=False) as urls:
            engine = connect(urls.database_url)
            if not first:
                schema.upgrade(engine)
            schema.draft(engine, "Every table" if first else words[0], number)
            engine.dispose()
    files = [str(path) for path in _VERSIONS.glob(f"{number}_*.py")]
    for name in files:
        text = Path(name).read_text(encoding="utf-8")
        Path(name).write_text(re.sub(r" +# ###.*\n", "", text), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix", "--quiet", *files], check=False)
    return subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
