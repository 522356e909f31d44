"""A setting that cannot work is refused at the start, by name; its value, maybe a password, is not repeated."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pushsvc.pipeline.asked import due_day
from pushsvc.settings import Settings, SettingsError, read_settings


def read(var: Path, **given: str) -> Settings:
    return read_settings({"PUSHSVC_VAR": str(var), **{f"PUSHSVC_{name}": value for name, value in given.items()}})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://user:hidden@host/city"),
        ("DATABASE_URL", "postgresql+psycopg2://user:hidden@host/city"),
        ("DATABASE_URL", "sqlite:///hidden.db"),
        ("REDIS_URL", "127.0.0.1:6379/hidden"),
        ("SMTP_URL", "ftp://hidden"),
        ("SMS_URL", "hidden.example"),
        ("APP_URL", "ws://hidden"),
        ("SENDER", "hidden"),
        ("SENDER", "江澜 <政策@hidden.example>"),
        ("PUBLIC_URL", "javascript:hidden"),
        ("WEB_PORT", "70000"),
        ("WEB_PORT", "0"),
        ("SMTP_CONNECTIONS", "0"),
        ("RATE_PER_SECOND", "nan"),
        ("SLICE_SIZE", "0"),
        ("SNAPSHOT_SHARDS", "0"),
        ("AGENCY_MAX", "0"),
        ("SNAPSHOT_SHARDS", "65"),
        ("LEASE_SECONDS", "1"),
        ("LEASE_SECONDS", "nan"),
        ("LEASE_SECONDS", "inf"),
        ("REQUEST_SECONDS", "-1"),
    ],
)
def test_what_cannot_work_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    keys = {"SECRET_KEY": "0123456789abcdef", "DATA_KEYS": "A" * 43 + "="}
    with pytest.raises(SettingsError, match=f"PUSHSVC_{name}") as caught:
        read(tmp_path, **keys, **{name: value})
    assert "hidden" not in str(caught.value)


def test_what_is_shown_of_the_settings_holds_no_secret(tmp_path: Path) -> None:
    given = {
        "SECRET_KEY": "hidden-0123456789", "DATA_KEYS": "aGlkZGVu" * 5 + "aGk=", "GATEWAY_KEYS": "a=hidden b=hidden2",
        "DATABASE_URL": "postgresql://u:hidden@h/d", "REDIS_URL": "redis://:hidden@h", "BROKER_URL": "redis://:hidden@i",
        "SMTP_URL": "smtp://u:hidden@h", "SMS_URL": "aliyun://id:hidden@h", "GATEWAY_KEY": "hidden",
        "APP_URL": "a=http://u:hidden@127.0.0.1:1 b=http://u:hidden@127.0.0.1:2",
        "PUSH_URLS": "jpush://id:hidden@h", "MAILBOX_URL": "imaps://u:hidden@h",
    }  # fmt: skip
    found = read(tmp_path, **given)
    shown = repr(found)
    assert "hidden" not in shown
    assert repr(found.data_keys[0]) not in shown
    assert found.vapid_key not in shown


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_is_named_as_others_name_it(tmp_path: Path, scheme: str) -> None:
    keys = {"SECRET_KEY": "0123456789abcdef", "DATA_KEYS": "A" * 43 + "="}
    found = read(tmp_path, **keys, DATABASE_URL=f"{scheme}://user@host/city").database_url
    assert found == "postgresql+psycopg://user@host/city"


def test_a_file_of_bytes_is_no_setting(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="PUSHSVC_SECRET_KEY_FILE is not UTF-8 text"):
        read(tmp_path, SECRET_KEY_FILE=str(tmp_path / "secret"))


def test_an_operators_own_certificates_and_days_are_read_once(tmp_path: Path) -> None:
    certificates, days = tmp_path / "certificates.csv", tmp_path / "days.csv"
    certificates.write_text(
        "key,zh,en,level,valid_years,basis\ngreen_shop,绿色商场,,city,2,市商务局\n", encoding="utf-8"
    )
    days.write_text("day,working\n2026-07-15,no\n", encoding="utf-8")
    found = read(tmp_path, QUALIFICATIONS=str(certificates), CALENDAR=str(days))
    assert [one.key for one in found.qualifications] == ["green_shop"]
    asked_at = datetime(2026, 6, 24, tzinfo=UTC)
    assert due_day(asked_at) == date(2026, 7, 15)
    assert due_day(asked_at, found.calendar) == date(2026, 7, 16)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("QUALIFICATIONS", "key,zh,en,level\ntax_a,甲,,city\ntax_b,高企,,city\n", "line 3, key: "),
        ("CALENDAR", "day,working\n2026-02-30,no\n2026-06-24,maybe\n", "line 2, day: "),
        ("CALENDAR", "day\n2026-06-24\n", "line 1, column .working.: The column is missing"),
        ("QUALIFICATIONS", None, "ours.csv"),
    ],
)
def test_a_file_with_a_wrong_row_is_refused_with_its_line(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    path = tmp_path / "ours.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=f"PUSHSVC_{name}.*{words}"):
        read(tmp_path, **{name: str(path)})


HOST = {"HOST_LOGIN_URL": "https://h.example/?goto={back}", "HOST_EXCHANGE_URL": "https://h.example/t", "HOST_KEY": "k"}
OIDC = {"OIDC_ISSUER": "https://i.example", "OIDC_CLIENT_ID": "pushsvc", "OIDC_CLIENT_SECRET": "hidden"}


def test_other_ways_to_sign_in_are_off_until_they_are_set(tmp_path: Path) -> None:
    assert (read(tmp_path).host_login(), read(tmp_path).oidc()) == (None, None)
    found = read(tmp_path, **HOST, **OIDC)
    assert found.host_login() is not None
    assert found.oidc() is not None
    assert "hidden" not in repr(found) + repr(found.oidc()) + repr(found.host_login())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST_KEY", ""),
        ("HOST_EXCHANGE_URL", ""),
        ("HOST_EXCHANGE_URL", "http://hidden.example/"),
        ("HOST_EXCHANGE_URL", "https://u:hidden@h.example/"),
        ("HOST_LOGIN_URL", "https://hidden.example/"),  # nowhere to say where to come back
        ("HOST_LOGIN_URL", "javascript:hidden{back}"),
        ("OIDC_CLIENT_SECRET", ""),
        ("OIDC_ISSUER", "http://hidden.example"),
        ("OIDC_ISSUER", "https://[hidden"),
        ("OIDC_SCOPE", "phone"),
    ],
)
def test_half_a_way_in_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"PUSHSVC_{name}") as caught:
        read(tmp_path, **(HOST | OIDC | {name: value}))
    assert "hidden" not in str(caught.value)
