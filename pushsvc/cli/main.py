"""The `pushsvc` command: names and where each one's code stands, loaded only when it is asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from typing import NoReturn

import click

import pushsvc

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("pushsvc.cli.up:up", "Run the whole service until Ctrl-C."),
    "doctor": ("pushsvc.cli.doctor:doctor", "Say what is wrong with this set-up."),
    "init-db": ("pushsvc.cli.database:init_db", "Make the database ready for use."),
    "upgrade-db": ("pushsvc.cli.database:upgrade_db", "Bring an older database to this version."),
    "import": ("pushsvc.cli.people:import_group", "Load policies, profiles, interactions or subscriptions."),
    "lint": ("pushsvc.cli.criteria:lint_command", "Read criteria in words, and see what is wrong with them."),
    "queue": ("pushsvc.cli.queue:queue_group", "Look at drafts that are held back, and settle what was found."),
    "publish": ("pushsvc.cli.policies:publish", "Publish a reviewed policy; makes a draft campaign, sends nothing."),
    "match": ("pushsvc.cli.policies:match", "Count whom a policy's criteria fit."),
    "snapshot": ("pushsvc.cli.snapshot:snapshot", "Publish the profiles as columns, from which audiences are chosen."),
    "campaign": ("pushsvc.cli.campaigns:campaign", "Create, approve, run and watch campaigns."),
    "sms-template": ("pushsvc.cli.templates:sms_template", "Keep the SMS templates and what each vendor said of them."),
    "rule": ("pushsvc.cli.standing:rule", "Standing rules: which events tell their subscribers by themselves."),
    "events": ("pushsvc.cli.standing:events", "Notice what happened to policies, draft its campaigns, list it."),
    "offline": ("pushsvc.cli.offline:offline", "Say whom a campaign could not reach, by street and reason."),
    "facts": ("pushsvc.cli.facts:facts", "Say what is held of a profile, and who told it."),
    "fits": ("pushsvc.cli.fits:fits", "Say which policies in force fit a profile, and what is worth asking."),
    "train": ("pushsvc.cli.models:train", "Train the recommender from the interactions."),
    "evaluate": ("pushsvc.cli.evaluate:evaluate", "Measure the recommender on held-out policies."),
    "model": ("pushsvc.cli.models:model", "See the trained models, and choose which one serves."),
    "explain": ("pushsvc.cli.policies:explain", "Say why a profile is told of a policy, or is not."),
    "provider": ("pushsvc.cli.providers:provider", "See how the providers do, pause one, change its weight."),
    "mailbox": ("pushsvc.cli.mailbox:mailbox", "Read bounces and complaints that came back by mail."),
    "ledger": ("pushsvc.cli.ledger:ledger", "Check the sendings against the sinks."),
    "operator": ("pushsvc.cli.access:operator", "Make operators of the console."),
    "key": ("pushsvc.cli.access:key", "Make keys of the API."),
    "shell": ("pushsvc.cli.shell:shell", "Write the page that a government app opens, as files."),
    "sandbox": ("pushsvc.cli.sandbox:sandbox", "Run the counterpart: mail server, SMS and push gateway."),
    "demo": ("pushsvc.demo.cli:demo", "Run the whole service on a sample city."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used, so that a broken one costs the others nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command behind a name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(pushsvc.__version__)
def cli() -> None:
    """Tell citizens and enterprises of the policies that concern them."""


def main(arguments: Iterable[str] | None = None) -> None:
    """Runs one command. An error of ours is one sentence on stderr and exit code 1, never a traceback."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    for word in words:
        if any("\ud800" <= char <= "\udfff" for char in word):
            _end(f"The argument {word!a} is not UTF-8 text.", 2)
    try:
        cli(args=words, prog_name="pushsvc")
    except Exception as exc:
        if is_ours(exc):
            _end(sentence(exc), 1)
        if _is_outage(exc):
            cause = str(getattr(exc, "orig", exc)).strip().partition("\n")[0]
            _end(f"The database does not answer ({cause}): `pushsvc doctor` says more.", 1)
        raise


def _end(text: str, code: int) -> NoReturn:
    click.echo(f"pushsvc: {text}", err=True)
    sys.exit(code)


def _is_outage(exc: BaseException) -> bool:
    """Told by its name: to import SQLAlchemy would cost every command half a second."""
    return (type(exc).__module__, type(exc).__name__) == ("sqlalchemy.exc", "OperationalError")


def is_ours(exc: BaseException) -> bool:
    """Whether an error was written for the person who runs the command: it has a code, or is about a setting."""
    packages = ("pushsvc.", "profiles.", "channels.", "recommenders.")
    return type(exc).__module__.startswith(packages) and (hasattr(exc, "code") or type(exc).__name__ == "SettingsError")


def sentence(exc: BaseException) -> str:
    """What the error says, with its place where it has one."""
    place = getattr(exc, "place", None)
    text = getattr(exc, "sentence", None) or str(exc)
    return f"{place}: {text}" if place and str(place) not in text else str(text)
