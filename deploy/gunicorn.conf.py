# ruff: noqa: N999  the name that gunicorn looks for
"""gunicorn for every web process: one worker with threads, which hands the connections of TVs over to one of them.

From the environment: SAMENSPEL_SERVICE (names the log lines), SAMENSPEL_LOG_LEVEL, SAMENSPEL_THREADS; the address comes
with `--bind`, more workers with WEB_CONCURRENCY.
"""

import gc
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from shared import logs

_service = os.environ.get("SAMENSPEL_SERVICE", "web")

worker_class = "deploy.worker.Worker"
threads = int(os.environ.get("SAMENSPEL_THREADS", "64"))
timeout = 60
graceful_timeout = 5  # whoever does not end by then is cut off
keepalive = 20
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  the heartbeat must not wait for a disk
control_socket_disable = True  # it would stand in the home directory, one for all
logconfig_dict = logs.dict_config(_service, f"{_service}-web", os.environ.get("SAMENSPEL_LOG_LEVEL", "info"))


def post_worker_init(_worker: Any) -> None:
    """End the streams of screens when the worker is told to stop: it waits for what is still being answered.

    What is there once the worker is ready stays for ever, so the garbage collector need not look through it again and
    again: that costs a busy worker a sixth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, _streams_first(signal.getsignal(number)))


def _streams_first(before: Any) -> Any:
    def stop(number: int, frame: FrameType | None) -> None:
        live = sys.modules.get("services.leaderboard.live")  # not every web process has screens
        if live is not None:
            live.stop_all()
        before(number, frame)

    return stop
