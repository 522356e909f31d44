"""`pushsvc publish`, `pushsvc match` and `pushsvc explain`."""

from __future__ import annotations

import json

import click

from pushsvc.cli.context import open_context


@click.command()
@click.argument("policy")
@click.option("--author", required=True, help="Who prepared it.")
@click.option("--reviewer", required=True, help="Who reviewed it; somebody else.")
@click.option("--basis", help="The legal duty to tell everyone matched, as a citation.")
def publish(policy: str, author: str, reviewer: str, basis: str | None) -> None:
    """Publish a reviewed policy and draft its campaign. Nothing is sent."""
    from pushsvc.pipeline.publish import publish as publish_policy

    with open_context() as ctx:
        number = publish_policy(ctx, policy, author=author, reviewer=reviewer, basis=basis)
    click.echo(f"{policy}: published; campaign {number} is a draft")


@click.command()
@click.argument("policy")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def match(policy: str, as_json: bool, locale: str) -> None:
    """Count whom the policy's campaign would choose now, condition by condition; writes nothing."""
    from pushsvc.cli.match_table import match_table
    from pushsvc.pipeline.audience import match as match_policy
    from pushsvc.pipeline.counting import lines_of_ref

    with open_context() as ctx:
        figures = match_policy(ctx, policy)
        lines = lines_of_ref(ctx, policy)
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else "\n".join(match_table(figures, lines, locale)))


@click.command()
@click.argument("policy")
@click.argument("profile")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def explain(policy: str, profile: str, locale: str) -> None:
    """Say why the profile was, or was not, chosen for the policy."""
    from pushsvc.pipeline.explain import explain as explain_choice

    with open_context() as ctx:
        click.echo("\n".join(explain_choice(ctx, policy, profile, locale).lines(locale)))
