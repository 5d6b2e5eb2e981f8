"""Sends one signed message to an address outside, and to nothing inside: the only code here that opens a connection.

The name is resolved once, every address that it has must be public, and the connection goes to the resolved address, so that a name
can't change its mind in between. HTTPS only, the certificate is checked against the name, redirects are not followed, what is answered is
not read.
"""

import socket
import ssl
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

STEP_SECONDS, WHOLE_SECONDS = 5.0, 15.0
LARGEST_BODY = 20_000
TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Addresses behind which a network's translator may put any other."""


class RefusedError(Exception):
    """The address is none that may be sent to."""


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt: the status of the answer, or why there was none."""

    status: int | None
    fault: str
    milliseconds: int

    @property
    def is_delivered(self) -> bool:
        """Tell whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


INSIDE_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
"""Ends of names that no public host has. Source: RFC 6761, RFC 6762, RFC 8375, and ICANN's reservation of .internal."""


def address_check(url: str) -> SplitResult:
    """Give the parts of an address; raises RefusedError for what is not HTTPS to a public host, as far as the text tells."""
    try:
        parts = urlsplit(url)
        host, _port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise RefusedError("It is no address of the form https://host/path.") from error
    if not url.isascii() or any(character <= " " for character in url) or not host:
        raise RefusedError("It is no address of the form https://host/path.")
    if parts.username is not None or parts.password is not None:
        raise RefusedError("An address holds no user and password; every message is signed instead.")
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.HOOKS_LOOPBACK):
        raise RefusedError("Only https:// is sent to.")
    literal = _literal(host)
    if literal is not None:
        _public_check(literal)
    elif not settings.HOOKS_LOOPBACK and ("." not in host or host.endswith(INSIDE_NAMES)):
        raise RefusedError(
            "The name of the host is one inside a network; name a public one, such as hooks.example.com."
        )
    return parts


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is by itself, also in the older ways to write it (0x7f.1, 2130706433); None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def send(url: str, body: str, headers: dict[str, str]) -> Outcome:
    """Post the body; whatever goes wrong is told in the outcome and raises nothing."""
    start = time.monotonic()
    status, fault = None, ""
    try:
        status = _post(url, body, headers)
    except RefusedError as error:
        fault = str(error)
    except TimeoutError:
        fault = "No answer in time."
    except ssl.SSLError as error:
        fault = f"The connection is not safe: {error.reason or type(error).__name__}"
    except socket.gaierror:
        fault = "The name of the host is not known."
    except (OSError, HTTPException) as error:
        fault = f"No answer: {type(error).__name__}"
    return Outcome(status, fault[:200], round((time.monotonic() - start) * 1000))


def _post(url: str, body: str, headers: dict[str, str]) -> int:
    parts, content = address_check(url), body.encode()
    if len(content) > LARGEST_BODY:
        raise RefusedError("The message is larger than what is sent.")
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    lines = [socket.create_connection((_resolved(host, port), port), timeout=STEP_SECONDS)]
    watch = Timer(WHOLE_SECONDS, _shut, [lines])
    watch.daemon = True
    watch.start()
    try:
        if parts.scheme == "https":
            _secured(lines, host)
        connection = HTTPConnection(host, port, timeout=STEP_SECONDS)
        connection.sock = lines[-1]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, content, {"Content-Type": "application/json", **headers})
        with connection.getresponse() as response:
            return response.status
    finally:
        watch.cancel()
        lines[-1].close()


def _secured(lines: list[socket.socket], host: str) -> None:
    """Add the safe line over the plain one, for the watch to find while hands are still being shaken."""
    context = ssl.create_default_context()
    secured = context.wrap_socket(lines[-1], server_hostname=host, do_handshake_on_connect=False)
    lines.append(secured)
    secured.do_handshake()


def _resolved(host: str, port: int) -> str:
    """Give one address of the host; raises RefusedError where any of its addresses is not public."""
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for each in found:
        _public_check(ip_address(each.partition("%")[0]))
    return found[0]


def _public_check(address: IPv4Address | IPv6Address) -> None:
    if settings.HOOKS_LOOPBACK and address.is_loopback:
        return
    is_wrapped = isinstance(address, IPv6Address) and (
        address.ipv4_mapped is not None
        or address.sixtofour is not None
        or address.teredo is not None
        or any(address in network for network in TRANSLATED)
    )
    if is_wrapped or not address.is_global or address.is_multicast:
        raise RefusedError("The host has an address inside a private network; nothing is sent there.")


def _shut(lines: list[socket.socket]) -> None:
    try:
        lines[-1].shutdown(socket.SHUT_RDWR)
    except OSError:
        return
