"""Settings: read once from the environment, frozen, handed in. `<NAME>_FILE` reads a value from a file."""

from __future__ import annotations

import base64
import math
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar

from profiles.calendar_file import read_calendar_file
from profiles.csvfile import RecordsError, RowError
from profiles.qualification_file import read_qualification_file
from profiles.standards.calendar import NONE as NO_OVERRIDES
from profiles.standards.calendar import Overrides
from profiles.standards.qualifications import Qualification
from pushsvc.offers import CHANNELS, Offer, OfferError, read_offers

T = TypeVar("T")


class SettingsError(ValueError):
    """A setting is missing or malformed; the sentence names it."""

    code = "setting"


# What a URL may begin with.
SCHEMES = {
    "database_url": ("postgresql+psycopg", "postgresql", "postgres"),
    "redis_url": ("redis", "rediss", "unix"),
    "public_url": ("http", "https"),
}


@dataclass(frozen=True)
class Settings:
    """What the service is told from outside. URLs are complete; durations are seconds."""

    var: Path
    secret_key: bytes
    data_keys: tuple[bytes, ...]  # 32 bytes each; the first encrypts, all decrypt
    database_url: str | None = None  # None: embedded
    redis_url: str | None = None  # None: embedded
    broker_url: str | None = None  # None: the Redis one
    smtp_url: str = "smtp://127.0.0.1:8025"  # this and the two below: one URL, or several providers (offers.py)
    sms_url: str = "http://127.0.0.1:8026"
    app_url: str = "http://127.0.0.1:8026"
    gateway_key: bytes = b""  # signs requests to the SMS and push gateway, and their receipts
    gateway_keys: str = ""  # "name=key" for each of several gateways of one channel
    sender: str = "江澜市政策直达 <policy@jianglan.example>"
    sms_signature: str = "江澜政策"
    city: str = "江澜市"
    public_url: str = "http://127.0.0.1:8000"
    web_port: int = 8000
    proxies: int = 0  # reverse proxies of ours before the web process, whose X-Forwarded-For is believed
    lease_seconds: float = 60.0
    request_seconds: float = 20.0  # a provider refuses a request older than this; always below the lease
    slice_size: int = 500
    snapshot_shards: int = 4  # parts of the published profiles, by a hash of the reference
    agency_max: int = 5  # policies of one agency in one feed or digest, beside those the person asked for
    smtp_connections: int = 4
    rate_per_second: float = 5000.0  # per channel, over all workers
    buffers_mb: int = 64  # of the embedded PostgreSQL; a city of a million wants 1,024
    ahead_seconds: float = 0.0  # the service's clock runs ahead of the machine's by this; rehearsals only
    qualifications: tuple[Qualification, ...] = ()  # the operator's own, beside the library's
    calendar: Overrides = NO_OVERRIDES  # the operator's own working days
    demo: bool = False  # opens /demo/ sign-in links; set only by the demo

    def offers(self, *, derived: bool = False) -> tuple[Offer, ...]:
        """The providers of all channels; `derived`: the gateway's key was not given. Raises SettingsError."""
        urls = {name: getattr(self, name) for name in CHANNELS}
        try:
            return read_offers(urls, key=self.gateway_key, keys=self.gateway_keys, derived=derived)
        except OfferError as exc:
            raise SettingsError(str(exc)) from exc


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `PUSHSVC_*`. Raises SettingsError with a sentence that names the setting."""
    get = _reader(environ)
    var = Path(get("VAR") or "var").resolve()
    embedded = not get("DATABASE_URL")
    secret = _secret(get("SECRET_KEY"), var / "keys" / "secret.key", "PUSHSVC_SECRET_KEY", embedded)
    data = _data_keys(get("DATA_KEYS"), var, embedded)
    gateway = get("GATEWAY_KEY")
    values: dict[str, Any] = {
        "database_url": _with_driver(get("DATABASE_URL")),
        "redis_url": get("REDIS_URL"),
        "broker_url": get("BROKER_URL"),
        "gateway_key": gateway.encode() if gateway else b"gateway:" + secret,
        "gateway_keys": get("GATEWAY_KEYS") or "",
        "demo": get("DEMO") == "1",
        "qualifications": _file(get, "QUALIFICATIONS", read_qualification_file, Settings.qualifications),
        "calendar": _file(get, "CALENDAR", read_calendar_file, NO_OVERRIDES),
    }
    for name in ("smtp_url", "sms_url", "app_url", "sender", "sms_signature", "city"):
        values[name] = get(name.upper()) or getattr(Settings, name)
    for name in (
        "web_port",
        "proxies",
        "lease_seconds",
        "request_seconds",
        "slice_size",
        "snapshot_shards",
        "agency_max",
        "smtp_connections",
        "rate_per_second",
        "ahead_seconds",
        "buffers_mb",
    ):
        values[name] = _number(get(name.upper()), name, getattr(Settings, name))
    values["public_url"] = get("PUBLIC_URL") or f"http://127.0.0.1:{values['web_port']}"
    settings = _checked(Settings(var=var, secret_key=secret, data_keys=data, **values))
    settings.offers(derived=not gateway)
    return settings


def setting_names() -> list[str]:
    """Every environment name this reads, for the README's table."""
    return sorted(f"PUSHSVC_{name.upper()}" for name in Settings.__dataclass_fields__)


def _checked(settings: Settings) -> Settings:
    if settings.request_seconds >= settings.lease_seconds:
        raise SettingsError(
            "PUSHSVC_REQUEST_SECONDS must be below PUSHSVC_LEASE_SECONDS: a call may not outlive its lease."
        )
    if not 1 <= settings.slice_size <= 5000:
        raise SettingsError("PUSHSVC_SLICE_SIZE must lie between 1 and 5000.")
    if not 1 <= settings.snapshot_shards <= 64:
        raise SettingsError("PUSHSVC_SNAPSHOT_SHARDS must lie between 1 and 64.")
    if settings.buffers_mb < 16:
        raise SettingsError("PUSHSVC_BUFFERS_MB must be 16 or more: PostgreSQL does not start with less.")
    if settings.agency_max < 1:
        raise SettingsError("PUSHSVC_AGENCY_MAX must be above 0: else no list holds what nobody asked for.")
    if not 1 <= settings.web_port <= 65535:
        raise SettingsError("PUSHSVC_WEB_PORT must lie between 1 and 65535.")
    if settings.smtp_connections < 1 or not settings.rate_per_second > 0:
        raise SettingsError("PUSHSVC_SMTP_CONNECTIONS and PUSHSVC_RATE_PER_SECOND must be above 0: nothing leaves.")
    address = parseaddr(settings.sender)[1]
    if "@" not in address or not address.isascii():
        raise SettingsError("PUSHSVC_SENDER must hold an address: no mail leaves without one.")
    for name, schemes in SCHEMES.items():
        _check_url(name, getattr(settings, name), schemes)
    return settings


def _check_url(name: str, url: str | None, schemes: tuple[str, ...]) -> None:
    """Raises SettingsError where a URL is given and is none of these kinds; says nothing of what it holds."""
    if url is not None and url.partition(":")[0] not in schemes:
        raise SettingsError(f"PUSHSVC_{name.upper()} must begin with {' or '.join(f'{each}:' for each in schemes)}.")


def _with_driver(url: str | None) -> str | None:
    """A PostgreSQL URL as others write it, with the driver we speak through."""
    scheme, colon, rest = (url or "").partition(":")
    return f"postgresql+psycopg:{rest}" if colon and scheme in ("postgres", "postgresql") else url


def _reader(environ: Mapping[str, str]) -> Callable[[str], str | None]:
    def get(name: str) -> str | None:
        path = environ.get(f"PUSHSVC_{name}_FILE")
        if path:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as exc:
                raise SettingsError(f"PUSHSVC_{name}_FILE cannot be read: {exc.strerror}.") from exc
            except UnicodeDecodeError as exc:
                raise SettingsError(f"PUSHSVC_{name}_FILE is not UTF-8 text.") from exc
        return environ.get(f"PUSHSVC_{name}") or None

    return get


def _number(text: str | None, name: str, default: float) -> float:
    if text is None:
        return default
    try:
        value = type(default)(text)
    except ValueError as exc:
        raise SettingsError(f"PUSHSVC_{name.upper()} is not a number: {text!r}.") from exc
    if not math.isfinite(value) or value < 0:
        raise SettingsError(f"PUSHSVC_{name.upper()} must be a number from 0 on: {text!r}.")
    return value


def _file(
    get: Callable[[str], str | None], name: str, read: Callable[[str], tuple[T, tuple[RowError, ...]]], none: T
) -> T:
    """What an operator's file says; one bad row refuses it whole: half a calendar counts wrong days."""
    path = get(name)
    if path is None:
        return none
    try:
        found, errors = read(path)
    except RecordsError as exc:
        raise SettingsError(f"PUSHSVC_{name}: {path}, {exc.place}: {exc.sentence}") from exc
    if errors:
        first, more = errors[0], f" {len(errors) - 1} more rows are wrong." if len(errors) > 1 else ""
        raise SettingsError(f"PUSHSVC_{name}: {path}, line {first.line}, {first.column}: {first.sentence}{more}")
    return found


def _secret(value: str | None, path: Path, name: str, may_make: bool) -> bytes:
    """The key given, else the one kept under `var`, made on first use when the servers are embedded."""
    if value:
        return value.encode()
    try:
        if path.exists():
            return path.read_bytes()
        if may_make:
            return _make(path)
    except OSError as exc:
        raise SettingsError(f"{path} cannot be used: {exc.strerror}; set PUSHSVC_VAR to a folder of yours.") from exc
    raise SettingsError(f"{name} is missing: set it (or {name}_FILE) when PUSHSVC_DATABASE_URL is set.")


def _data_keys(value: str | None, var: Path, may_make: bool) -> tuple[bytes, ...]:
    if value:
        try:
            keys = tuple(base64.urlsafe_b64decode(part) for part in value.split(","))
        except ValueError as exc:
            raise SettingsError("PUSHSVC_DATA_KEYS must be comma-separated url-safe base64.") from exc
    else:
        keys = (base64.urlsafe_b64decode(_secret(None, var / "keys" / "data.key", "PUSHSVC_DATA_KEYS", may_make)),)
    if any(len(key) != 32 for key in keys):
        raise SettingsError("PUSHSVC_DATA_KEYS must hold keys of 32 bytes (44 characters of base64).")
    return keys


def _make(path: Path) -> bytes:
    """A new random key, readable by its owner only; two processes starting at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = base64.urlsafe_b64encode(secrets.token_bytes(32))
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
