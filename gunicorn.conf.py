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
    """Settings that cannot be understood end the start here, with one sentence as the last line."""
    from ffapp.core.environment import SettingError
    from ffapp.providers.registry import read_settings

    if not server.app.app_uri.startswith(OURS):
        return
    try:
        read_settings(os.environ)
    except SettingError as error:
        sys.exit(str(error))
