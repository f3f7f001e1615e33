# ruff: noqa: N999  the name that gunicorn looks for
"""gunicorn for every web process: one worker with threads, since a TV keeps a thread for as long as it looks.

From the environment: SAMENSPEL_SERVICE (names the log lines), SAMENSPEL_LOG_LEVEL, SAMENSPEL_THREADS; the address comes
with `--bind`, more workers with WEB_CONCURRENCY.
"""

import os
from pathlib import Path

from shared import logs

_service = os.environ.get("SAMENSPEL_SERVICE", "web")

worker_class = "gthread"
threads = int(os.environ.get("SAMENSPEL_THREADS", "64"))
timeout = 60
graceful_timeout = 5  # an open stream would otherwise hold up every stop for half a minute
keepalive = 20
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  the heartbeat must not wait for a disk
control_socket_disable = True  # it would stand in the home directory, one for all
logconfig_dict = logs.dict_config(_service, f"{_service}-web", os.environ.get("SAMENSPEL_LOG_LEVEL", "info"))
