"""Real engines for tests and benches: Redis, PostgreSQL, Kafka.

    from tests.engines import kafka
    with kafka.start() as engine:
        print(engine.url)                  # kafka://127.0.0.1:40123
        engine.kill(); engine.start()      # same port, same data

Where an engine comes from, in this order: its URL in the environment (SAMENSPEL_TEST_REDIS_URL, …_POSTGRES_URL,
…_KAFKA_URL), a container when a Docker engine has or quickly gets the image, else a local process. `EngineMissing`
says why none of them works. All listen on loopback only, keep their data in a temporary folder, and end by their pid.
"""

from __future__ import annotations

from tests.engines.engine import Engine, EngineMissing, GivenEngine, free_port

__all__ = ["Engine", "EngineMissing", "GivenEngine", "free_port"]
