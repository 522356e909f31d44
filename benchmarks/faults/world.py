"""The whole service in a folder of its own: servers, sinks, wires, and every process of the Procfile."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from benchmarks.faults import switches
from benchmarks.faults.relay import Relay
from benchmarks.faults.sinks import Postfix, free_ports, has_postfix
from pushsvc.cli import procfile
from pushsvc.cli.supervisor import child_environ, running, service_lines
from pushsvc.context import Context, make_context
from pushsvc.embedded import Urls, servers, with_servers
from pushsvc.embedded.keeper import Keeper
from pushsvc.settings import Settings, read_settings

LEASE_SECONDS, REQUEST_SECONDS, SLICE_SIZE = 4.0, 2.0, 20
KEY = "key-of-the-fault-harness"
SANDBOXES = ("sandbox", "sandbox-reserve")  # the second one is a second SMS gateway
ENTRY = "benchmarks.faults.worker"


@dataclass(frozen=True)
class Wires:
    """What lies between the service and its sinks, and the ports behind it."""

    mail: Relay
    gateway: Relay
    sandbox: tuple[int, int]  # mail, gateway
    reserve: tuple[int, int]
    postfix: Postfix | None
    postfix_port: int = 0

    def mail_targets(self) -> list[int]:
        """The mail sinks that do nothing wrong."""
        return [self.sandbox[0], *([self.postfix_port] if self.postfix else [])]


@dataclass(frozen=True)
class World:
    """A running service to break. `extra` are processes beside the Procfile's, by name."""

    settings: Settings
    ctx: Context
    keeper: Keeper
    wires: Wires
    urls: Urls
    log: Path
    extra: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    old_code: Path | None = None

    @property
    def sandboxes(self) -> list[Path]:
        """Where the sandboxes keep their journals."""
        return [self.settings.var / name for name in SANDBOXES]

    @property
    def dumps(self) -> Path:
        """Where Postfix's sink keeps its mails."""
        return self.settings.var / "postfix-sink"

    def switch(self, name: str, text: str) -> None:
        """Tells the workers something."""
        switches.put(self.settings.var, name, text)

    def tell_sandbox(self, faults: Sequence[dict[str, object]], which: int = 0) -> None:
        """Puts faults in a sandbox's line; it takes the file up at its next request, also after a restart."""
        switches.put(self.sandboxes[which], "faults.json", json.dumps(faults))

    def spawn(self, name: str, line: str) -> None:
        """Starts one more process beside the Procfile's. What it says goes to the log."""
        told = (
            f"{environ(self.settings.var, several=self.old_code is None)} {line} >> {shlex.quote(str(self.log))} 2>&1"
        )
        self.extra[name] = procfile.spawn(told, child_environ(self.settings, self.urls))

    def end(self, name: str) -> None:
        """Kills such a process."""
        process = self.extra.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def connect(self) -> psycopg.Connection:
        """A connection of the harness's own, for what no worker is asked."""
        assert self.settings.database_url is not None
        url = make_url(self.settings.database_url).set(drivername="postgresql")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=3)


@contextmanager
def open_world(folder: Path, *, mutants: str = "", old_code: Path | None = None) -> Iterator[World]:
    """Everything running in `folder`, until the block ends. Raises EmbeddedError or ServiceError."""
    var = folder / "var"
    var.mkdir(parents=True)
    with ExitStack() as stack:
        wires = stack.enter_context(_open_wires(var))
        settings = read_settings(_environ(var, wires, several=old_code is None))
        urls = stack.enter_context(servers(settings, service=True))
        settings = with_servers(settings, urls)
        log = stack.enter_context((folder / "service.log").open("a", encoding="utf-8"))
        lines = _lines(settings, wires, environ(var, mutants, several=old_code is None))
        keeper = stack.enter_context(
            running(settings, urls, lines, say=lambda name, line: print(name, "|", line, file=log, flush=True))
        )
        ctx = make_context(settings)
        stack.callback(ctx.engine.dispose)
        world = World(settings, ctx, keeper, wires, urls, folder / "service.log", old_code=old_code)
        stack.callback(_end_extra, world)
        yield world


def _end_extra(world: World) -> None:
    for name in list(world.extra):
        world.end(name)


def environ(var: Path, mutants: str = "", *, several: bool = True) -> str:
    """The words before a command line that tell a process of the harness's own matters and the gateways' keys."""
    told = {switches.FOLDER: var, switches.MUTANTS: mutants, **_keys(several)}
    return "env " + " ".join(f"{name}={shlex.quote(str(value))}" for name, value in told.items())


def python() -> str:
    """This very Python, as a word of a command line."""
    return shlex.quote(sys.executable)


def celery_line(name: str) -> str:
    """The Procfile's line of a worker or of beat, on the harness's entry."""
    line = procfile.read_procfile()[name].replace("pushsvc.worker", ENTRY)
    return python() + line.removeprefix("python")


def _lines(settings: Settings, wires: Wires, told: str) -> dict[str, str]:
    """The Procfile's processes and the sandbox, as this world runs them."""
    hooks, roots = f"http://127.0.0.1:{settings.web_port}", [settings.var / name for name in SANDBOXES]
    lines: dict[str, str] = {
        name: f"{python()} -m channels.sandbox {shlex.quote(str(root))} --smtp-port {mail} --http-port {http}"
        for name, root, (mail, http) in zip(SANDBOXES, roots, (wires.sandbox, wires.reserve), strict=True)
    }
    if "repeat" not in told:  # a receipt would settle what the mutant is to repeat
        lines["sandbox"] += f" --hooks-url {hooks}"
    lines |= service_lines(sandbox=False)
    for name, line in lines.items():
        plain = python() + line.removeprefix("python") if line.startswith("python ") else line
        lines[name] = f"{told} {celery_line(name) if 'celery' in line else plain}"
    return lines


@contextmanager
def _open_wires(var: Path) -> Iterator[Wires]:
    ports = free_ports(4)
    mail, gateway = ports[:2]
    postfix = Postfix(var / "postfix-sink") if has_postfix() else None
    relays = Relay([mail]), Relay([gateway])
    try:
        wires = Wires(*relays, (mail, gateway), (ports[2], ports[3]), postfix, postfix.start() if postfix else 0)
        wires.mail.targets = wires.mail_targets()
        for relay in relays:
            relay.start()
        yield wires
    finally:
        for relay in relays:
            relay.stop()
        if postfix:
            postfix.stop()


def _keys(several: bool) -> dict[str, str]:
    """What signs requests to the gateways: it is in no plain setting that a supervisor hands on."""
    return {"PUSHSVC_GATEWAY_KEY": KEY, "PUSHSVC_GATEWAY_KEYS": f"sms={KEY} reserve={KEY}" if several else ""}


def _environ(var: Path, wires: Wires, *, several: bool) -> dict[str, str]:
    """What the service is told: short leases, its mail and SMS through our wires, its pushes straight.

    `several`: a second SMS gateway, which an earlier release would not know how to read.
    """
    (web,), sms = free_ports(1), f"http://127.0.0.1:{wires.gateway.port}"
    return {
        "PUSHSVC_VAR": str(var),
        **_keys(several),
        "PUSHSVC_SMTP_URL": f"smtp://127.0.0.1:{wires.mail.port}",
        "PUSHSVC_SMS_URL": f"sms={sms} reserve=http://127.0.0.1:{wires.reserve[1]};weight=0.5" if several else sms,
        "PUSHSVC_APP_URL": f"http://127.0.0.1:{wires.sandbox[1]}",
        "PUSHSVC_WEB_PORT": str(web),
        "PUSHSVC_LEASE_SECONDS": str(LEASE_SECONDS),
        "PUSHSVC_REQUEST_SECONDS": str(REQUEST_SECONDS),
        "PUSHSVC_SLICE_SIZE": str(SLICE_SIZE),
    }
