"""A real receiver on this machine, which answers what a test tells it to."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from spm.hooks.models import Endpoint
from spm.hooks.services.endpoints import endpoint_create
from spm.hooks.tasks import webhooks_deliver


@dataclass
class Receiver:
    """What came in, and what is answered: a status for each request, the last one for all that follow."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [200])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)
    is_silent: bool = False

    def answer(self) -> int:
        """Give the next status."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """Listen on the loopback, which only a setting of tests lets webhooks reach."""
    settings.HOOKS_LOOPBACK = True
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if found.is_silent:
                found.silent.wait(20)
            status = found.answer()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{found.url}elsewhere")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook?from=spm"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    found.silent.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def endpoint(receiver: Receiver, viewer: Any) -> tuple[Endpoint, str]:
    """Give an endpoint at the receiver for runs and approvals, and its secret."""
    return endpoint_create(url=receiver.url, kinds=["run.completed", "approval.decided"], actor=viewer("ada"))


@pytest.fixture
def deliver(in_acme: Any) -> Any:
    """Give what a worker does."""
    return lambda: webhooks_deliver(in_acme.pk)
