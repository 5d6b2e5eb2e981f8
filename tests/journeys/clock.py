"""Runs the product with its clock set, in a process of its own: the site, a Celery worker, or a command of manage.py.

    python -m tests.journeys.clock 2026-11-23 site
    python -m tests.journeys.clock 2026-11-23 manage nightly --organisation demo --here

The clock goes on from noon of the day. PostgreSQL keeps its own; nothing that a reader sees depends on it.
"""

import os
import sys
from datetime import UTC, datetime
from importlib import import_module

import time_machine


def main(day: str, what: str, *arguments: str) -> None:
    """Set the clock, then do what is asked."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.journeys.settings"
    time_machine.travel(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC), tick=True).start()
    {"site": _site, "worker": _worker, "manage": _manage}[what](*arguments)


def _site() -> None:
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Silent(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Leave the log to the product."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Silent, allow_reuse_address=False)
    server.daemon_threads = True
    server.set_app(import_module("spm.wsgi").application)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _worker() -> None:
    app = import_module("spm.celery").app
    app.worker_main(["worker", "-P", "solo", "-l", "WARNING", "--without-gossip", "--without-mingle"])


def _manage(*arguments: str) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
