"""`flask accounts create | list | disable | reset-totp | demo | code`: what an operator does about accounts."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, sessionmaker

from portal.extensions import db
from portal.identity import demo as demonstration
from portal.identity import profile, sessions
from portal.identity.appointing import CannotAppoint, appoint
from portal.identity.log import Act
from portal.identity.names import normalised
from portal.identity.organisations import set_disabled
from portal.identity.signing_in import find
from portal.indexing.sessions import writing
from portal.models import Organisation, Role, User, now
from portal.register.audit import Actor
from portal.register.clock import CHINA
from portal.services import services

accounts = AppGroup("accounts", help="Who may sign in.")


@contextmanager
def acting() -> Iterator[Act]:
    """An act of whoever sits at this machine, committed at the end of the block."""
    with writing(sessionmaker(db.engine)) as session:
        yield Act(session, services().letters, Actor("command line", getpass.getuser()), now())


def the_user(act: Act, name: str) -> User:
    """The user of a sign-in name. Raises ClickException."""
    user = find(act.session, normalised(name))
    if user is None:
        raise click.ClickException(f"nobody signs in as {name}")
    return user


@accounts.command("create")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--person", required=True, help="The person's name.")
@click.option("--organisation", required=True, help="Its name; made, and approved, if there is none of that name.")
def create(name: str, role: str, person: str, organisation: str) -> None:
    """Make an account for NAME, an e-mail address or phone number, and print a link to choose its password."""
    sign_in = normalised(name)
    if not sign_in:
        raise click.BadParameter("neither an e-mail address nor a phone number", param_hint="NAME")
    try:
        with acting() as act:
            link = appoint(act, sign_in, person, Role(role), organisation)
    except CannotAppoint as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{sign_in} may choose a password within an hour, once, at\n{link}")


@accounts.command("list")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Only this role.")
def list_(role: str | None) -> None:
    """Print every account: name, role, organisation and its state, last sign-in; tab between columns."""
    everyone = select(User).join(User.organisation).options(joinedload(User.organisation))
    with sessionmaker(db.engine)() as session:
        for user in session.scalars(everyone.order_by(Organisation.name, User.sign_in)):
            if role is None or user.role == role:
                click.echo("\t".join(_line(user)))


def _line(user: User) -> Iterator[str]:
    yield user.sign_in
    yield user.role
    yield user.organisation.name
    yield "disabled" if user.disabled_at else user.organisation.state
    yield "authenticator" if user.totp_secret else "password only" if user.password_hash else "no password yet"
    last = user.last_sign_in_at
    yield f"{last.astimezone(CHINA):%Y-%m-%d %H:%M}" if last else "never"


@accounts.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let them sign in again.")
def disable(name: str, undo: bool) -> None:
    """Keep NAME from signing in, and end its sessions; what it made stays."""
    with acting() as act:
        set_disabled(act, the_user(act, name), disabled=not undo, force=True)
    click.echo(f"{name} {'may sign in again' if undo else 'can no longer sign in'}")


@accounts.command("reset-totp")
@click.argument("name")
def reset_totp(name: str) -> None:
    """Take NAME's authenticator and recovery codes away, and end its sessions; staff set a new one up at sign-in."""
    with acting() as act:
        user = the_user(act, name)
        profile.turn_off(act, user)
        sessions.end_all(act.session, user.id)
    click.echo(f"{name} signs in with the password alone now")


@accounts.command("demo")
def demo() -> None:
    """Make one demonstration account a role, where there is sample data, and print them."""
    with acting() as act:
        made = demonstration.make_demo(act, services().passwords, services().settings.default_language)
    if not made:
        click.echo("No sample data: no demonstration accounts.")
        return
    click.echo(f"Demonstration accounts, as the register holds sample data; password: {demonstration.PASSWORD}")
    for account in made:
        code = f"  code now: {account.code}" if account.code else ""
        click.echo(f"  {account.sign_in:34}{account.organisation}{code}")
    click.echo("A later code for staff: flask accounts code NAME")


@accounts.command("code")
@click.argument("name")
def code(name: str) -> None:
    """Print the code that a demonstration account's authenticator shows now; of no other account."""
    with sessionmaker(db.engine)() as session:
        found = demonstration.demo_code(session, normalised(name), now())
    if not found:
        raise click.ClickException(f"{name} is no demonstration account with an authenticator")
    click.echo(found)


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(accounts)
