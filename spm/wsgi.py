"""The web server's entry point. It does not start with a database role that could see past row-level security."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spm.settings")
application = get_wsgi_application()

from spm.tenancy.checks import start_check  # noqa: E402  needs the apps to be loaded

start_check()
