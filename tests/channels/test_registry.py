"""Providers are found by name and imported when used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from channels.base import ChannelError
from channels.registry import PROVIDERS, open_channel
from tests.clock import Clock


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(ChannelError, match="no provider 'pigeon'") as caught:
        open_channel("pigeon", {})
    assert caught.value.code == "unknown_provider"


@pytest.mark.parametrize(
    ("provider", "options"),
    [
        ("memory", {"colour": "red"}),
        ("http_sms", {}),
        ("http_sms", {"url": "ftp://x", "key": b"k", "clock": None}),
        ("http_push", {"url": "http://x", "key": b"", "clock": None}),
        ("smtp", {"url": "http://x", "sender": "a@b.example", "clock": None}),
        ("smtp", {"url": "smtp://x:99999", "sender": "a@b.example", "clock": None}),
        ("smtp", {"url": "smtp://x", "sender": "nobody", "clock": None}),
        ("app", {"url": "http://x"}),
    ],
)
def test_a_wrong_option_is_an_error_with_a_code(provider: str, options: dict[str, object]) -> None:
    with pytest.raises(ChannelError) as caught:
        open_channel(provider, options)
    assert caught.value.code == "bad_option"
    assert provider in caught.value.sentence


def test_a_password_in_the_servers_url_is_never_shown(clock: Clock) -> None:
    from channels.smtp_pool import parse_server

    server = parse_server("smtps://user:p%40ss@mail.example")
    assert (server.username, server.password, server.port, server.use_tls) == ("user", "p@ss", 465, True)
    assert "p@ss" not in repr(server)
    assert parse_server("smtp://mail.example?starttls=yes").start_tls is True


def loaded(code: str) -> set[str]:
    program = f"import sys; {code}; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_library_stays_light() -> None:
    heavy = {"httpx", "aiosmtplib", "aiosmtpd", "jinja2", "redis"}
    light = "import channels.base, channels.registry, channels.memory, channels.text, channels.reasons, channels.pacing"
    assert not loaded(light) & heavy
    options = "dict(url='http://x', key=b'k', clock=None)"
    assert not loaded(f"from channels.registry import open_channel; open_channel('http_sms', {options})") & heavy
    assert not loaded("import channels.sandbox") & {"httpx", "aiosmtplib", "aiosmtpd", "jinja2", "redis"}


def test_every_provider_can_be_imported() -> None:
    for path in PROVIDERS.values():
        module, _, name = path.partition(":")
        __import__(module)
        assert hasattr(sys.modules[module], name)
