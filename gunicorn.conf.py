"""What gunicorn is told wherever it serves the web: Procfile, `make run`, tests."""

from pathlib import Path

worker_class = "ffapp.web.gunicorn_worker.BufferingWorker"
# Nobody's headers say where we are or over what people came: PROXIES does.
forwarded_allow_ips = ""
forwarder_headers = ""
# A disk that is slow must not make a worker look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
