"""The application: settings, extensions, services, blueprints and commands put together. Nothing else happens here."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5

from config.settings import ROOT, Settings
from portal import accounts, api, buyers, cli, lookup, ministry, operation, suppliers
from portal.extensions import db, migrate
from portal.identity.passwords import Passwords
from portal.models.database import engine_options
from portal.register.catalogue import load_catalogue
from portal.services import KEY
from portal.web import announcing, errors, guard, i18n, jinja, limits, logging, metrics, security, users
from portal.web.templating import PortalEnvironment
from portal.web.timing import TimedServices

MAX_BODY = 64 * 1024
"""Bytes of a request's body: nothing is sent to a lookup that would need more."""


def create_app(settings: Settings | None = None, *, passwords: Passwords | None = None) -> Flask:
    """The portal as a WSGI application.

    `settings` default to those of the environment, `passwords` to proper costs of hashing. Raises SettingsError,
    CatalogueError or UndeclaredRoute, which name what is wrong.
    Opens neither the database nor the engine: gunicorn may fork after this.
    """
    settings = settings or Settings.from_environment()
    logging.configure(as_json=settings.log_format == "json", level=settings.log_level)
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    _configure(app, settings)
    _extend(app, settings)
    app.extensions[KEY] = TimedServices(
        settings=settings, catalogue=load_catalogue(settings.catalogue_dir), passwords=passwords or Passwords()
    )
    errors.init_app(app)
    app.register_blueprint(operation.blueprint)
    app.register_blueprint(lookup.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(accounts.blueprint)
    app.register_blueprint(buyers.blueprint)
    app.register_blueprint(ministry.blueprint)
    app.register_blueprint(suppliers.blueprint)
    guard.seal(app)
    cli.register(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.jinja_environment = PortalEnvironment  # type: ignore[assignment]  # Flask types it as just its own
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _extend(app: Flask, settings: Settings) -> None:
    # after_request functions run last to first: the access line, registered first, sees the answer as it goes out.
    logging.init_app(app)
    metrics.init_app(app)
    security.init_app(app, proxies=settings.trusted_proxies)
    i18n.init_app(app, default=settings.default_language)
    limits.init_app(app, rate=settings.rate_limit)
    users.init_app(app)
    guard.init_app(app)
    Bootstrap5(app)
    jinja.init_app(app)
    announcing.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db)
