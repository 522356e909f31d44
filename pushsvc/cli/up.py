"""`pushsvc up`: the whole service in one terminal."""

from __future__ import annotations

import signal
import socket
import threading
from types import FrameType

import click

from pushsvc.cli.sandbox import sandbox_ports
from pushsvc.cli.supervisor import ServiceError, running, service_lines
from pushsvc.embedded import servers
from pushsvc.settings import Settings, read_settings


@click.command()
@click.option("--sandbox", is_flag=True, help="Run the counterpart of the channels as well.")
def up(sandbox: bool) -> None:
    """Run the whole service until Ctrl-C: the embedded servers, then every process of the Procfile."""
    settings = read_settings()
    over = stop_event()
    check_ports(settings, sandbox=sandbox)
    with servers(settings, service=True) as urls, running(settings, urls, service_lines(sandbox=sandbox)):
        while port_is_free(settings.web_port) and not over.wait(0.2):
            pass  # the pages are not there yet
        if not over.is_set():
            click.echo(f"Open {settings.public_url}/policies/ or {settings.public_url}/console/; Ctrl-C stops.")
        over.wait()
        click.echo("Stopping.")


def stop_event() -> threading.Event:
    """An event that Ctrl-C, SIGTERM or a closed terminal sets. Call it from the main thread, first of all."""
    over = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        over.set()

    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, end)
    return over


def port_is_free(port: int) -> bool:
    """Whether we could listen on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def check_ports(settings: Settings, *, sandbox: bool) -> None:
    """Raises ServiceError `port_taken` with what to do."""
    wanted = {settings.web_port: "PUSHSVC_WEB_PORT"}
    if sandbox:
        smtp, http = sandbox_ports(settings)
        wanted |= {smtp: "PUSHSVC_SMTP_URL", http: "PUSHSVC_SMS_URL and PUSHSVC_APP_URL"}
    for port, name in wanted.items():
        if not port_is_free(port):
            raise ServiceError("port_taken", f"Port {port} is taken by another program: stop it, or set {name}.")
