"""One service as a WSGI application, for a web server that runs it in processes of its own.

gunicorn -c deploy/gunicorn.conf.py "deploy.wsgi:create('credit')"
"""

import os

from flask import Flask

from deploy.house import House
from shared import logs


def create(service: str) -> Flask:
    """The web application of `service`, built from the environment; raises `SettingsError` for what cannot work."""
    house = House(os.environ)
    settings = house.settings(service)
    settings.require_separate()
    logs.configure(settings.log_format)
    return house.service(service).web
