"""The product's settings, with static files straight from their sources: a test collects nothing."""

from spm.settings import *  # noqa: F403
from spm.settings import STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
