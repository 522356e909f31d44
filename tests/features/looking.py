"""A page is looked at in an isolated world, where the page's own strict policy stays as it is: by axe and by us."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

HERE = Path(__file__).parent
AXE = HERE.parents[1] / "scripts" / "node" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
_ALL = {"type": "tag", "values": list(TAGS)}
_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
_RUN = """axe.run(document, %s).then(found => JSON.stringify(found.violations.map(
  one => one.id + ': ' + one.nodes.slice(0, 4).map(node => node.target.join(' ') + ' ' + (node.any[0] || node.all[0]
    || node.none[0] || {message: ''}).message).join(' | '))))"""


class Look:
    """One tab seen from outside: `open_world` after each page that is loaded, then as many looks as wanted."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.world = 0

    def open_world(self, *, axe: bool) -> None:
        """A world beside the page's scripts, with axe in it where it is asked for."""
        frame = self.session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        made = self.session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "looking"})
        self.world = made["executionContextId"]
        if axe:
            self._run(_script(AXE) + ";0")

    def axe(self, *, colours: bool = False) -> list[str]:
        """What axe finds against WCAG 2.2 A and AA; or by those of its rules alone that look at colours."""
        asked = {"runOnly": _COLOURS if colours else _ALL, "resultTypes": ["violations"], "preload": False}
        return list(json.loads(self._run(_RUN % json.dumps(asked))))

    def layout(self, *, target: int, text: int) -> list[str]:
        """What we find: the page scrolls sideways, targets or text below so many pixels, inline style, not one h1."""
        options = json.dumps({"target": target, "text": text})
        return list(json.loads(self._run(f"JSON.stringify({_script(HERE / 'looking.js')}({options}))")))

    def _run(self, script: str) -> Any:
        asked = {"expression": script, "contextId": self.world, "awaitPromise": True, "returnByValue": True}
        answer = self.session.send("Runtime.evaluate", asked)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"]["value"]


@cache
def _script(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip().rstrip(";")
