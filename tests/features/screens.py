"""Pictures of every page as it is: `python -m tests.features.screens FOLDER [NAME...]`, which `scripts/screens` calls.

Of each page one picture, in Chinese, light, on a phone; sheets show it small in both languages, by night, for elders,
and on a desk. With names only those pages' pictures are made anew.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ViewportSize
from sqlalchemy import make_url

from pushsvc.context import Context
from pushsvc.embedded import Urls, servers, with_servers
from pushsvc.keyring import Keyring
from pushsvc.settings import read_settings
from pushsvc.store.session import connect
from tests import databases
from tests.clock import Clock
from tests.features.chrome import DESK, PHONE, Visitor, chromium, visitor
from tests.features.pages import PLACES, Place
from tests.features.test_pages import address, read_as
from tests.features.town import Town, open_town

QUALITY = 40  # of WebP: a page of text takes some 25 KB
TALLEST = 1400  # pixels of a page that are shown
WAYS = (
    ("zh", "light", PHONE),
    ("en", "light", PHONE),
    ("zh", "dark", PHONE),
    ("zh", "elder", PHONE),
    ("zh", "light", DESK),
)
SMALL, LARGE = 150, 400  # pixels that a phone and a desk are wide on a sheet
ROW, PAGES = 400, 6  # a sheet's rows in pixels and in pages
KINDS = {"public": "Public", "resident": "Residents and enterprises", "console": "Operators", "error": "Errors"}


def main(folder: Path, names: list[str]) -> None:
    """Make the pictures, and the list of them."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [place for place in PLACES if not names or place.name in names]
    small: dict[str, list[Image.Image]] = {}
    with served() as town, chromium() as started:
        for place in wanted:
            shots = [_picture(started, town, place, way) for way in WAYS]
            _save(shots[0].crop((0, 0, shots[0].width, min(shots[0].height, TALLEST))), folder / f"{place.name}.webp")
            small[place.name] = [_shrunk(shot, way[2]) for shot, way in zip(shots, WAYS, strict=True)]
            print(place.name, flush=True)
    if not names:
        sheets = _sheets(folder, [(place.name, small[place.name]) for place in wanted])
        (folder / "README.md").write_text(_index(sheets), encoding="utf-8")


@contextmanager
def served() -> Iterator[Town]:
    """The filled city on servers of its own, which end with it."""
    with tempfile.TemporaryDirectory() as folder:
        keys = {"PUSHSVC_SECRET_KEY": "tests", "PUSHSVC_DATA_KEYS": "A" * 43 + "=", "PUSHSVC_VAR": folder}
        settings = read_settings({**{n: v for n, v in os.environ.items() if n.endswith("DATABASE_URL")}, **keys})
        with servers(settings, durable=False) as urls:
            server, name = make_url(urls.database_url), f"pushsvc_screens_{os.getpid()}"
            databases.make_template(server, name, lock=Path(folder) / "template.lock")
            found = server.set(database=name).render_as_string(hide_password=False)
            engine = connect(found)
            clock = Clock(datetime.fromisoformat("2026-06-24T09:30:00+08:00"))
            keyring = Keyring(data_keys=(b"k" * 32,), secret=b"secret of the tests")
            made = with_servers(settings, Urls(found, "", ""))
            with open_town(Context(settings=made, engine=engine, keyring=keyring, clock=clock), clock) as town:
                yield town
            engine.dispose()
            databases.drop(server, name)


def _picture(started: Chromium, town: Town, place: Place, way: tuple[str, str, int]) -> Image.Image:
    lang, look, width = way
    with visitor(started, town.url, cookies=town.cookies(place.who)) as guest:
        guest.page.set_viewport_size(ViewportSize(width=width, height=640))
        read_as(guest, lang, look)
        guest.open(address(town, place))
        if place.act is not None:
            place.act(guest.page, town)
        return _shot(guest)


def _shot(guest: Visitor) -> Image.Image:
    return Image.open(io.BytesIO(guest.page.screenshot(full_page=True, animations="disabled"))).convert("RGB")


def _save(picture: Image.Image, path: Path, quality: int = QUALITY) -> None:
    """As WebP, in which a page of text takes some kilobytes."""
    picture.save(path, "WEBP", quality=quality, method=6)


def _shrunk(picture: Image.Image, width: int) -> Image.Image:
    """As it stands on a sheet: at most a row high."""
    to = SMALL if width == PHONE else LARGE
    shown = picture.resize((to, round(picture.height * to / picture.width)), Image.Resampling.LANCZOS)
    return shown.crop((0, 0, to, min(shown.height, ROW - 24)))


def _sheets(folder: Path, rows: list[tuple[str, list[Image.Image]]]) -> list[tuple[str, list[str]]]:
    """Sheets of some pages each; (file, the pages on it)."""
    for old in folder.glob("sheet-*.webp"):
        old.unlink()
    made = []
    for start in range(0, len(rows), PAGES):
        part = rows[start : start + PAGES]
        name = f"sheet-{start // PAGES + 1:02d}.webp"
        wide = sum(picture.width + 12 for picture in part[0][1]) + 12
        sheet = Image.new("RGB", (wide, ROW * len(part)), "#8a9499")
        pen = ImageDraw.Draw(sheet)
        for n, (page, pictures) in enumerate(part):
            pen.text((12, n * ROW + 6), page, fill="#000000")
            left = 12
            for picture in pictures:
                sheet.paste(picture, (left, n * ROW + 20))
                left += picture.width + 12
        _save(sheet, folder / name, QUALITY - 10)
        made.append((name, [page for page, _ in part]))
    return made


def _index(sheets: list[tuple[str, list[str]]]) -> str:
    on = {page: sheet for sheet, pages in sheets for page in pages}
    lines = [
        "# Screens",
        "",
        "Every page of the service with the sample city, made by `scripts/screens`: in Chinese, light, 360 px wide.",
    ]
    lines += ["The sheets show each page in Chinese, in English, by night, for elders, and at 1280 px.", ""]
    for kind, title in KINDS.items():
        lines += [f"## {title}", "", "| page | address | as | sheet |", "|---|---|---|---|"]
        for place in PLACES:
            if place.kind == kind:
                sheet = on[place.name]
                cells = [f"[{place.name}]({place.name}.webp)", f"`{place.path}`", place.who or "anybody"]
                lines.append(f"| {' | '.join(cells)} | [{sheet[6:8]}]({sheet}) |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
