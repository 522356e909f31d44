"""Settings: read once from the environment, frozen, handed in. `<NAME>_FILE` reads a value from a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from channels.smtp_envelope import Origin
from profiles.calendar_file import read_calendar_file
from profiles.qualification_file import read_qualification_file
from profiles.standards.calendar import NONE as NO_OVERRIDES
from profiles.standards.calendar import Overrides
from profiles.standards.qualifications import Qualification
from pushsvc.key_files import KeyFileError, data_keys, secret, vapid_key
from pushsvc.mail_origin import MailOriginError, read_origin
from pushsvc.offers import CHANNELS, Offer, OfferError, read_offers
from pushsvc.push_offers import PushOffer, read_push_offers
from pushsvc.setting_values import SettingsError, check_scheme, file_rows, number, reader
from pushsvc.sign_in_offers import HostLogin, Oidc, SignInOfferError, read_host, read_oidc
from pushsvc.trial_file import TrialFileError, read_trial

_WORDS = (
    "smtp_url", "sms_url", "app_url", "push_urls", "push_hosts", "vapid_key", "sender", "sms_signature", "city", "dkim",
    "bounce_address", "mailbox_url", "trial", "trial_agencies", "host_login_url", "host_exchange_url", "host_key",
    "host_name", "host_bridge", "oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_scope", "oidc_name",
)  # fmt: skip

_NUMBERS = (
    "web_port", "proxies", "lease_seconds", "request_seconds", "slice_size", "snapshot_shards",
    "agency_max", "smtp_connections", "rate_per_second", "ahead_seconds", "buffers_mb", "sms_price",
    "drift_percent", "drift_people",
)  # fmt: skip


__all__ = ["Settings", "SettingsError", "read_settings", "setting_names"]

# What a URL may begin with.
SCHEMES = {
    "database_url": ("postgresql+psycopg", "postgresql", "postgres"),
    "redis_url": ("redis", "rediss", "unix"),
    "public_url": ("http", "https"),
    "host_bridge": ("http", "https"),
}


@dataclass(frozen=True)
class Settings:
    """What the service is told from outside. URLs are complete; durations are seconds."""

    var: Path
    secret_key: bytes = field(repr=False)
    data_keys: tuple[bytes, ...] = field(repr=False)  # 32 bytes each; the first encrypts, all decrypt
    database_url: str | None = field(default=None, repr=False)  # None: embedded
    redis_url: str | None = field(default=None, repr=False)  # None: embedded
    broker_url: str | None = field(default=None, repr=False)  # None: the Redis one
    # The next three: one URL, or several providers (offers.py).
    smtp_url: str = field(default="smtp://127.0.0.1:8025", repr=False)
    sms_url: str = field(default="http://127.0.0.1:8026", repr=False)
    app_url: str = field(default="http://127.0.0.1:8026", repr=False)
    gateway_key: bytes = field(default=b"", repr=False)  # signs requests to the gateways, and their receipts
    gateway_keys: str = field(default="", repr=False)  # "name=key" for each of several gateways of one channel
    push_urls: str = field(default="", repr=False)  # vendors that reach devices (push_offers.py)
    push_hosts: str = ""  # further push services of browsers, apart by spaces (channels/push/subscription.py)
    vapid_key: str = field(default="", repr=False)  # signs Web Push; not given: derived from the secret key
    sender: str = "江澜市政策直达 <policy@jianglan.example>"
    dkim: str = ""  # "selector=path of a PEM key", several apart by spaces
    bounce_address: str = ""  # where mails that cannot be delivered come back to; "": to the sender
    mailbox_url: str = field(default="", repr=False)  # imap[s]://user:password@host/folder of that address
    trial: str = ""  # a file of the recipients who may be written to; "": everybody
    trial_agencies: str = ""  # with `trial`: agencies whose policies are on trial, apart by commas; "": all
    # The next two groups: other ways to sign in (sign_in_offers.py); "": none
    host_login_url: str = ""
    host_exchange_url: str = ""
    host_key: str = field(default="", repr=False)
    host_name: str = "政务服务应用"
    host_bridge: str = ""  # the address of a host app's script, for the shell that it opens; "": no shell
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_scope: str = "openid phone"
    oidc_name: str = "统一身份认证"
    drift_percent: float = 5.0  # of the people approved: more that joined or left stop a campaign before it is planned
    drift_people: int = 500  # and so do more than so many
    sms_price: float = 0.05  # yuan a part, for what is shown before sending
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

    def push_offers(self, *, derived: bool = False) -> tuple[PushOffer, ...]:
        """The vendors of the app channel's devices; `derived` as for `offers`. Raises SettingsError."""
        try:
            return read_push_offers(self.push_urls, key=self.gateway_key, derived=derived)
        except OfferError as exc:
            raise SettingsError(str(exc)) from exc

    def host_login(self) -> HostLogin | None:
        """The host app that may say who somebody is. Raises SettingsError."""
        try:
            return read_host(self.host_login_url, self.host_exchange_url, self.host_key, self.host_name)
        except SignInOfferError as exc:
            raise SettingsError(str(exc)) from exc

    def oidc(self) -> Oidc | None:
        """The OpenID Connect provider that may. Raises SettingsError."""
        names = ("issuer", "client_id", "client_secret", "scope", "name")
        try:
            return read_oidc(*(getattr(self, f"oidc_{name}") for name in names))
        except SignInOfferError as exc:
            raise SettingsError(str(exc)) from exc

    def origin(self) -> Origin:
        """Whose mails they are, and the keys that sign them, read from their files. Raises SettingsError."""
        try:
            return read_origin(self.sender, self.bounce_address, self.dkim)
        except MailOriginError as exc:
            raise SettingsError(str(exc)) from exc


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `PUSHSVC_*`. Raises SettingsError with a sentence that names the setting."""
    get = reader(environ)
    var = Path(get("VAR") or "var").resolve()
    embedded = not get("DATABASE_URL")
    try:
        own = secret(get("SECRET_KEY"), var / "keys" / "secret.key", "PUSHSVC_SECRET_KEY", embedded)
        data = data_keys(get("DATA_KEYS"), var, embedded)
        vapid = vapid_key(get("VAPID_KEY"), own)
    except KeyFileError as exc:
        raise SettingsError(str(exc)) from exc
    gateway = get("GATEWAY_KEY")
    values: dict[str, Any] = {
        "database_url": _with_driver(get("DATABASE_URL")),
        "redis_url": get("REDIS_URL"),
        "broker_url": get("BROKER_URL"),
        "gateway_key": gateway.encode() if gateway else b"gateway:" + own,
        "gateway_keys": get("GATEWAY_KEYS") or "",
        "demo": get("DEMO") == "1",
        "qualifications": file_rows(get, "QUALIFICATIONS", read_qualification_file, Settings.qualifications),
        "calendar": file_rows(get, "CALENDAR", read_calendar_file, NO_OVERRIDES),
    }
    for name in _WORDS:
        values[name] = get(name.upper()) or getattr(Settings, name)
    values["vapid_key"] = vapid
    for name in _NUMBERS:
        values[name] = number(get(name.upper()), name, getattr(Settings, name))
    values["public_url"] = get("PUBLIC_URL") or f"http://127.0.0.1:{values['web_port']}"
    settings = _checked(Settings(var=var, secret_key=own, data_keys=data, **values))
    settings.offers(derived=not gateway)
    settings.push_offers(derived=not gateway)
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
    settings.origin()
    settings.host_login()
    settings.oidc()
    _check_trial(settings.trial)
    for name, schemes in SCHEMES.items():
        check_scheme(name, getattr(settings, name) or None, schemes)
    return settings


def _check_trial(path: str) -> None:
    """A list that cannot be read stops the service: else it would write to everybody, or to nobody."""
    if path:
        try:
            read_trial(path)
        except TrialFileError as exc:
            raise SettingsError(f"PUSHSVC_TRIAL: {exc}") from exc


def _with_driver(url: str | None) -> str | None:
    """A PostgreSQL URL as others write it, with the driver we speak through."""
    scheme, colon, rest = (url or "").partition(":")
    return f"postgresql+psycopg:{rest}" if colon and scheme in ("postgres", "postgresql") else url
