"""Addresses of a database and a broker, in the form in which the settings read them."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit


@dataclass(frozen=True)
class Urls:
    """Where the servers answer: the app's role, the owner's role, the superuser, and the broker."""

    app: str
    owner: str
    superuser: str
    redis: str

    def environment(self) -> dict[str, str]:
        """The variables that the settings read."""
        return {
            "DATABASE_URL": self.app,
            "MIGRATION_DATABASE_URL": self.owner,
            "BACKUP_DATABASE_URL": self.owner,
            "REDIS_URL": self.redis,
        }

    def for_database(self, name: str) -> "Urls":
        """The same roles and broker with another database."""
        return Urls(
            app=with_database(self.app, name),
            owner=with_database(self.owner, name),
            superuser=with_database(self.superuser, name),
            redis=self.redis,
        )

    def for_broker(self, number: int) -> "Urls":
        """The same database with another of the broker's numbered databases."""
        return Urls(self.app, self.owner, self.superuser, with_database(self.redis, str(number)))


def with_database(url: str, name: str) -> str:
    """A URL that names another database on the same server.

    >>> with_database("postgres://a:b@127.0.0.1:5432/spm", "other")
    'postgres://a:b@127.0.0.1:5432/other'
    """
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name, safe='')}"))


def with_account(url: str, user: str, password: str) -> str:
    """A URL that signs in as another role on the same server.

    >>> with_account("postgres://a:b@db:5432/spm", "spm_app", "x/y")
    'postgres://spm_app:x%2Fy@db:5432/spm'
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))
