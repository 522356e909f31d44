"""The shell that a government app opens: one page that loads the host's bridge, follows its style and goes on to ours.

As the app of Zhejiang asks it: the bridge's script from the host, routes in the hash, `uiStyle` "elder" for large type,
relative addresses, a folder named `build`. Nothing else of ours ever asks another origin for anything.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader

from pushsvc.settings import Settings

_HERE = Path(__file__).parent.parent
_SCRIPT = _HERE / "static" / "shell.js"


def shell_page(settings: Settings, *, service: str, script: str) -> str:
    """The page. `service`: where our pages are, "" for the same origin; `script`: where `shell.js` is."""
    pages = Environment(loader=FileSystemLoader(_HERE / "messages"), autoescape=True)
    told = {"city": settings.city, "bridge": settings.host_bridge, "policy": shell_policy(settings)}
    return pages.get_template("shell.html").render(**told, service=service.rstrip("/"), script=script)


def shell_policy(settings: Settings) -> str:
    """The content policy of this page: scripts of our own, and of the bridge's origin."""
    at = urlsplit(settings.host_bridge)
    return f"default-src 'none'; script-src 'self' {at.scheme}://{at.netloc}; base-uri 'none'; form-action 'none'"


def write_shell(settings: Settings, folder: Path) -> list[Path]:
    """The shell as files in `folder/build`, for a host that serves it from its own origin."""
    build = folder / "build"
    build.mkdir(parents=True, exist_ok=True)
    page = shell_page(settings, service=settings.public_url, script="./shell.js")
    (build / "index.html").write_text(page, encoding="utf-8")
    shutil.copyfile(_SCRIPT, build / "shell.js")
    return sorted(build.iterdir())
