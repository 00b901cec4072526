"""What gunicorn is told wherever it serves the web: Procfile, `make run`, tests."""

import os
import sys
from pathlib import Path
from typing import Any

OURS = ("wsgi:", "ffapp.")
worker_class = "ffapp.web.gunicorn_worker.BufferingWorker"
# Nobody's headers say where we are or over what people came: PROXIES does.
forwarded_allow_ips = ""
forwarder_headers = ""
# A disk that is slow must not make a worker look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None


def on_starting(server: Any) -> None:
    """Settings that cannot be understood end the start here, with one sentence as the last line.

    They are read in a process of their own: what that imports takes 40 MB, and this one stays.
    """
    if not server.app.app_uri.startswith(OURS):
        return
    child = os.fork()
    if not child:
        os._exit(_read_settings())
    if os.waitpid(child, 0)[1]:
        sys.exit(1)


def _read_settings() -> int:
    from ffapp.core.environment import SettingError
    from ffapp.providers.registry import read_settings

    try:
        read_settings(os.environ)
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
