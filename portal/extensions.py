"""Flask's extensions, made once and bound to the app by `create_app`."""

from __future__ import annotations

from pathlib import Path

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from portal.models import Base

db = SQLAlchemy(model_class=Base)
migrate = Migrate(db=db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True, compare_type=True)
