"""How long a sign-in lasts: twelve hours at most, two hours without a request."""

import time

from django.contrib.sessions.backends.base import SessionBase

LONGEST_SECONDS = 12 * 60 * 60
IDLE_SECONDS = 2 * 60 * 60
NOTE_EVERY_SECONDS = 5 * 60
_BEGAN, _SEEN = "began_at", "seen_at"


def session_continue(session: SessionBase) -> bool:
    """Note that the session is used, at most every five minutes; False when it is over and must be ended."""
    now = int(time.time())
    began, seen = session.setdefault(_BEGAN, now), session.setdefault(_SEEN, now)
    if now - began > LONGEST_SECONDS or now - seen > IDLE_SECONDS:
        return False
    if now - seen > NOTE_EVERY_SECONDS:
        session[_SEEN] = now
    return True
