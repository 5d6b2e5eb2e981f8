#!/usr/bin/env python
"""Entry point of Django's commands."""

import os
import secrets
import signal
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spm.settings")
    if sys.argv[1:2] == ["plan"]:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that has seen enough (head) ends it without a word
        if not os.environ.get("SECRET_KEY"):
            os.environ["SECRET_KEY"] = secrets.token_urlsafe(
                50
            )  # files only: nothing is signed, no installation is needed
    execute_from_command_line(sys.argv)
