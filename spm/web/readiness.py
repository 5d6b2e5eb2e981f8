"""What each role needs before it can work."""

from collections.abc import Callable

from celery import current_app
from django.core.cache import cache
from django.db import DatabaseError, connection
from redis.exceptions import RedisError


def database_ready() -> bool:
    """Tell whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            return cursor.fetchone() == (1,)
    except DatabaseError:
        return False


def broker_ready() -> bool:
    """Tell whether the broker answers."""
    try:
        cache.get("readiness")
    except RedisError:
        return False
    return True


def worker_ready() -> bool:
    """Tell whether at least one worker answers within two seconds."""
    if not broker_ready():
        return False
    return bool(current_app.control.inspect(timeout=2).ping())


def beat_ready() -> bool:
    """Tell whether the timetable ticked within the last three minutes."""
    try:
        return cache.get("timetable-tick") is not None
    except RedisError:
        return False


ROLES: dict[str, dict[str, Callable[[], bool]]] = {
    "web": {"database": database_ready},
    "worker": {"database": database_ready, "worker": worker_ready},
    "beat": {"beat": beat_ready},
}
