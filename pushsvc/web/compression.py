"""Pages, style sheets and icons go out compressed; what is secret in a page cannot be told from its length (BREACH).

A page's tokens look different each time (`csrf`), and each page ends in a comment of random length, as Django's
middleware does it by a gzip file name: a reader of lengths gets noise.
"""

from __future__ import annotations

import secrets

from flask import Flask
from flask_compress import Compress
from markupsafe import Markup

_MOST = 100  # bytes of noise, after "Heal the Breach" (Palacios et al., 2022)


def init_app(app: Flask) -> None:
    """Compress texts, as the browser can read them; give templates `noise()`."""
    app.config["COMPRESS_MIMETYPES"] = ["text/html", "text/css", "text/javascript", "image/svg+xml", "text/csv"]
    app.config["COMPRESS_ALGORITHM"] = ["zstd", "br", "gzip"]
    app.config["COMPRESS_STREAMS"] = False
    Compress(app)
    app.jinja_env.globals["noise"] = noise


def noise() -> Markup:
    """A comment of random length."""
    return Markup("<!-- {} -->").format(secrets.token_hex(_MOST)[: secrets.randbelow(_MOST)])
