"""What each role needs before it can work. A role is never unready for the sake of another one."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from redis import Redis
from redis.exceptions import RedisError

from spm.web.telemetry import TICK_KEY, WORKER_BEAT_KEY


def database_ready() -> bool:
    """Tell whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def broker_ready() -> bool:
    """Tell whether the broker answers and never throws waiting tasks away."""
    try:
        memory = Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).info("memory")
    except RedisError:
        return False
    return not memory.get("maxmemory") or memory.get("maxmemory_policy") == "noeviction"


def worker_ready() -> bool:
    """Tell whether a worker gave a sign of life within the last minute."""
    return _is_set(WORKER_BEAT_KEY)


def beat_ready() -> bool:
    """Tell whether a scheduler sent its tick within the last three minutes."""
    return _is_set(TICK_KEY)


def _is_set(key: str) -> bool:
    try:
        return cache.get(key) is not None
    except RedisError:
        return False


ROLES: dict[str, dict[str, Callable[[], bool]]] = {
    "web": {"database": database_ready},
    "worker": {"database": database_ready, "broker": broker_ready, "worker": worker_ready},
    "beat": {"broker": broker_ready, "beat": beat_ready},
}
