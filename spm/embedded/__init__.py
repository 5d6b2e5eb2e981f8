"""The servers of the embedded default: a real PostgreSQL and a real Valkey, started from wheels, without root.

Imports nothing of the product, and the product imports nothing of it.
"""

from spm.embedded.errors import EmbeddedError
from spm.embedded.servers import Servers
from spm.embedded.urls import Urls

__all__ = ["EmbeddedError", "Servers", "Urls"]
