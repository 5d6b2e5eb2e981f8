"""Servers for a test session: started once by whichever process comes first, ended after the last one.

With SPM_TEST_DATABASE_SUPERUSER_URL in the environment, that PostgreSQL is used and only Valkey is started.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from spm.embedded import roles
from spm.embedded.servers import SUPERUSER_VARIABLE, Servers
from spm.embedded.urls import Urls


@dataclass(frozen=True)
class SharedServers:
    """The session's servers as one process of the session sees them."""

    urls: Urls
    servers: Servers

    def database(self, name: str, *, broker: int = 0) -> Urls:
        """A fresh, empty database of this name with both roles and the extensions, and a numbered broker database."""
        locale = "LOCALE_PROVIDER libc LOCALE 'C.UTF-8'" if self.servers.superuser_url else ""
        roles.database_prepare(self.urls.superuser, name, locale=locale, afresh=True)
        return self.urls.for_database(name).for_broker(broker)

    def drop(self, name: str) -> None:
        """Drop a database of this session, whoever is still connected."""
        roles.database_drop(self.urls.superuser, name)

    def release(self) -> None:
        """Stop using the servers; they end, and their data is removed, after the last user. Also happens at exit."""
        self.servers.leave()


def shared_servers(directory: Path | str) -> SharedServers:
    """The servers in a folder, shared by all processes of a test session that name the same folder."""
    superuser_url = os.environ.get(SUPERUSER_VARIABLE, "")
    servers = Servers(directory, durable=False, discard=True, superuser_url=superuser_url)
    return SharedServers(servers.join(), servers)
