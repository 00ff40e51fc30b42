"""`flask rankings publish`: editions computed from assessments."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.register.clock import today_china
from portal.register.problems import WriteError
from portal.register.ranking import NothingToRank, RankingRequest, publish_computed
from portal.services import services

rankings = AppGroup("rankings", help="Ranking editions computed by the portal (门户试算).")


@rankings.command("publish")
@click.option("--sector", required=True, help="A sector's code.")
@click.option("--period", required=True, help="What the edition is for, e.g. 2025.")
@click.option("--method", help="A ranking method's code; default: the catalogue's first.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Assessments up to this day count; default: today.")
def publish(sector: str, period: str, method: str | None, as_of: datetime | None) -> None:
    """Compute an edition and publish it; it never changes afterwards."""
    catalogue = services().catalogue
    if sector not in catalogue.sectors:
        raise click.BadParameter(f"unknown sector {sector!r}; there are: {', '.join(catalogue.sectors)}")
    if not catalogue.methods or (method is not None and method not in catalogue.methods):
        raise click.BadParameter(f"unknown method {method!r}; there are: {', '.join(catalogue.methods) or 'none'}")
    day: date = as_of.date() if as_of else today_china()
    request = RankingRequest(sector=sector, period=period, method=method, as_of=day)
    with sessionmaker(db.engine)() as session:
        try:
            computed = publish_computed(session, catalogue, request, actor="flask rankings publish")
        except (NothingToRank, WriteError) as error:
            session.rollback()
            raise click.ClickException(str(error)) from error
        session.commit()
    click.echo(
        f"{computed.code}: {computed.ranked} firms ranked; "
        f"{computed.left_out} left out, as too little of what applies to them was assessed."
    )


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(rankings)
