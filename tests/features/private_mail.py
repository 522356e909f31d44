"""Mail servers of a test's own: Postfix and Dovecot on loopback, in folders of their own beside the machine's."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BOUNCES = "bounces@bounce.example"
POSTFIX = ("postfix", "-c")
SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""  # no chroot, and no smtp client: nothing can leave the machine
SETTINGS = """
compatibility_level = 3.6
config_directory = {root}/etc
queue_directory = {root}/queue
data_directory = {root}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/log
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
smtpd_client_connection_count_limit = 0
virtual_mailbox_domains = city.example, bounce.example
virtual_mailbox_maps = texthash:{root}/etc/boxes
virtual_mailbox_base = {root}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
recipient_delimiter = +
"""
DOVECOT = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{root}/mail/bounces
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/bounces
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True)
class MailServer:
    """A running Postfix: its port, and its folder, in which `mail/NAME` is the Maildir of a person."""

    port: int
    root: Path

    def mails(self, *folders: str) -> list[Path]:
        """What arrived in these people's Maildirs, or in everybody's but the bounce address's."""
        names = folders or [one.name for one in (self.root / "mail").iterdir() if one.name != "bounces"]
        return sorted(path for name in names for path in (self.root / "mail" / name).glob("new/*"))

    def queued(self) -> list[Path]:
        """What it has taken and not yet delivered."""
        return [path for name in ("maildrop", "incoming", "active", "deferred") for path in self._queue(name)]

    def _queue(self, name: str) -> list[Path]:
        return [path for path in (self.root / "queue" / name).rglob("*") if path.is_file()]


def until(done: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Looks until it is done; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come to an end"
        os.sched_yield()


@contextmanager
def postfix(users: Sequence[str]) -> Iterator[MailServer]:
    """A Postfix that takes mail for anybody at city.example and delivers to these users: of the others it learns late,
    and sends the mail back. What comes back to BOUNCES, with whatever after a `+`, lies in the Maildir `bounces`."""
    with _folder("etc", "queue", "data", "mail") as root:
        shutil.chown(root / "data", "postfix")
        shutil.chown(root / "mail", "nobody")
        boxes = [f"{user}@city.example {user}/" for user in users] + [f"{BOUNCES} bounces/"]
        (root / "etc" / "boxes").write_text("\n".join(boxes) + "\n")
        with _free_port() as port:
            (root / "etc" / "main.cf").write_text(SETTINGS.format(root=root, **_nobody()))
            (root / "etc" / "master.cf").write_text(SERVICES.format(port=port))
        with _running(
            [*POSTFIX, f"{root}/etc", "start-fg"], port, root / "log", stop=[*POSTFIX, f"{root}/etc", "stop"]
        ):
            yield MailServer(port, root)


@contextmanager
def dovecot(server: MailServer) -> Iterator[str]:
    """The bounce address's mailbox over IMAP; its URL."""
    (server.root / "run").mkdir()
    with _free_port() as port:
        (server.root / "dovecot.conf").write_text(DOVECOT.format(root=server.root, port=port, **_nobody()))
    with _running(["dovecot", "-F", "-c", f"{server.root}/dovecot.conf"], port, server.root / "dovecot.log"):
        yield f"imap://bounces:secret@127.0.0.1:{port}/INBOX"


@contextmanager
def _folder(*names: str) -> Iterator[Path]:
    """A folder that servers which are not root may walk through; a test's own may not be."""
    root = Path(tempfile.mkdtemp(prefix="pushsvc-mail-"))
    root.chmod(0o755)
    for name in names:
        (root / name).mkdir(mode=0o755)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, log: Path, *, stop: Sequence[str] = ()) -> Iterator[None]:
    """The server in the foreground, ended by its own command where its daemons outlive it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: process.poll() is not None or _listens(port))
        assert process.poll() is None, log.read_text() if log.exists() else "it did not start"
        yield
    finally:
        if stop:
            subprocess.run(stop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False)
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def _nobody() -> dict[str, int]:
    return {"uid": pwd.getpwnam("nobody").pw_uid, "gid": grp.getgrnam("nogroup").gr_gid}
