"""What gunicorn and `flask` load: the application, with settings from the environment."""

from portal.app import create_app

app = create_app()
