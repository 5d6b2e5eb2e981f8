"""Starts the session's own PostgreSQL and broker before Django reads its settings (loaded by `-p tests.servers`).

The controller starts them; xdist workers find the addresses in the environment. Everything runs as the app's role, and each worker has a
database and a broker number of its own. Several sessions may share one folder of servers (SPM_TEST_SERVERS) when each has a name and broker
numbers of its own (SPM_TEST_SESSION, SPM_TEST_BROKER).
"""

import atexit
import os
import sys
import tempfile

from spm.embedded.testing import shared_servers

MARK = "SPM_TEST_SERVERS"


def _start() -> None:
    directory = os.environ.get(MARK)
    if directory is None:
        directory = tempfile.mkdtemp(prefix="spm-tests-")
        os.environ[MARK] = directory
    servers = shared_servers(directory)
    atexit.register(servers.release)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    session = os.environ.get("SPM_TEST_SESSION", "")
    number = int(os.environ.get("SPM_TEST_BROKER", "1")) + int(worker.removeprefix("gw"))
    urls = servers.urls.for_database(f"test{session}_{worker}").for_broker(number)
    os.environ.update(urls.environment())
    os.environ["SPM_TEST_SUPERUSER_URL"] = urls.superuser
    os.environ["SECRET_KEY"] = "tests-only-" + "0123456789abcdef" * 4
    os.environ["METRICS_TOKEN"] = "tests-only-metrics"
    os.environ["SPM_EMBEDDED"] = "1"
    os.environ["SPM_DATA"] = os.path.join(directory, worker)
    os.environ["ALLOWED_HOSTS"] = "127.0.0.1,localhost,testserver"


if "no:django" not in sys.argv:
    _start()
