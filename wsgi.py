"""What gunicorn and `flask` load: the application, with settings from the environment."""

import sys

from config.settings import SettingsError
from portal.app import create_app
from portal.register.catalogue import CatalogueError

BOOT_ERROR = 3
"""gunicorn stops at this exit code instead of starting another worker that fails alike."""

try:
    app = create_app()
except (SettingsError, CatalogueError) as error:
    # What is to be mended, without the traceback of a fault of ours.
    sys.stderr.write(f"{error}\n")
    sys.exit(BOOT_ERROR)
