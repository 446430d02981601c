"""What gunicorn loads: the application with the settings of this process."""

from app import create_app

app = create_app()
