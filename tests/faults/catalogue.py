"""What can break, and how it is put right again."""

from __future__ import annotations

import resource
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import RedisError

from shared.bus import BusUnavailable, Outgoing, open_bus
from tests.e2e.chain import CONSUMERS
from tests.engines import Engine
from tests.faults.proxy import Proxy
from tests.faults.watched import Watched

SKEWED = Path(__file__).parent / "skewed"
ROOM = 16_384
"""Bytes that a process whose disk is full may still add to its largest small file."""


@dataclass
class World:
    """A chain that is about to be hit: its engines by name, and the networks to them."""

    chain: Watched
    engines: Mapping[str, Engine]
    proxies: Mapping[str, Proxy]
    standings_url: str
    dice: Random
    sqlite: bool
    spare: int = field(default=0)

    def hold(self, least: float = 0.3, most: float = 2.5) -> None:
        """Let it last for a while, looking after the processes."""
        until = time.monotonic() + self.dice.uniform(least, most)
        while time.monotonic() < until:
            self.chain.tend()
            time.sleep(0.05)

    def another(self, service: str, skew: float = 0.0) -> str:
        """Start one consumer more of a service; returns its name."""
        self.spare += 1
        name = f"{service}~{self.spare}"
        with self.chain.settings_of({"PYTHONPATH": str(SKEWED), "SKEW_SECONDS": str(skew)} if skew else {}):
            self.chain.start_consumer(service, name)
        return name

    def dismiss(self, name: str) -> None:
        """End a consumer in good order."""
        process = self.chain.processes.pop(name)
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


Fault = Callable[[World], str]
"""Breaks something while work goes on, puts it right, and says what it was."""


def killed(world: World) -> str:
    """End one process with SIGKILL at any moment."""
    name = world.dice.choice([*CONSUMERS, "web"])
    world.hold(0.0, 0.6)
    world.chain.kill(name)
    world.hold(0.0, 1.0)
    world.chain.start_again(name)
    return f"kill -9 of {name}"


def crashed_engine(world: World) -> str:
    """End an engine with SIGKILL, and start it on what it had on disk."""
    name = world.dice.choice(sorted(world.engines))
    world.hold(0.0, 0.4)
    world.engines[name].kill()
    world.hold()
    world.engines[name].start()
    return f"kill -9 of the engine {name}"


def cut(world: World) -> str:
    """Cut the network to an engine."""
    name = world.dice.choice(sorted(world.proxies))
    world.hold(0.0, 0.4)
    world.proxies[name].refuse()
    world.hold()
    world.proxies[name].heal()
    return f"network to {name} cut"


def silent(world: World) -> str:
    """Let the network to an engine swallow everything."""
    name = world.dice.choice(sorted(world.proxies))
    world.proxies[name].fall_silent()
    world.hold(1.0, 4.0)
    world.proxies[name].heal()
    return f"network to {name} silent"


def slow(world: World) -> str:
    """Let every answer of an engine come late."""
    name = world.dice.choice(sorted(world.proxies))
    world.proxies[name].slow_down(world.dice.uniform(0.02, 0.15))
    world.hold(1.0, 3.0)
    world.proxies[name].heal()
    return f"slow {name}"


def flushed(world: World) -> str:
    """Empty the standings."""
    world.hold(0.0, 0.5)
    with Redis.from_url(world.standings_url) as client:
        client.flushdb()
    return "standings flushed"


def rebalanced(world: World) -> str:
    """Let a second consumer of a service join and leave in the middle of the work."""
    service = world.dice.choice(CONSUMERS)
    name = world.another(service)
    world.hold(1.5, 3.0)
    world.dismiss(name)
    return f"second consumer of {service} came and went"


def zombie(world: World) -> str:
    """Stop a consumer until its partitions have moved to another, then let it wake and go on."""
    service = world.dice.choice(CONSUMERS)
    world.chain.processes[service].send_signal(signal.SIGSTOP)
    name = world.another(service)
    world.hold(5.0, 7.0)
    world.chain.processes[service].send_signal(signal.SIGCONT)
    world.hold(0.5, 2.0)
    world.dismiss(name)
    return f"zombie consumer of {service}"


def skewed_clock(world: World) -> str:
    """Let a second consumer work whose clock is wrong by some hours."""
    service, skew = world.dice.choice(CONSUMERS[1:]), world.dice.choice([-7200, -90, 90, 7200])
    name = world.another(service, float(skew))
    world.hold(1.5, 3.0)
    world.dismiss(name)
    return f"consumer of {service} with a clock {skew:+d} s off"


def full_disk(world: World) -> str:
    """Let a process find its disk full: files cannot grow."""
    name = world.dice.choice([*CONSUMERS, "web"])
    pid = world.chain.processes[name].pid
    log = world.chain.directory / f"{name}.log"
    low = (log.stat().st_size + ROOM, resource.RLIM_INFINITY)
    processes = [pid, *_children(pid)]
    for each in processes:
        resource.prlimit(each, resource.RLIMIT_FSIZE, low)
    world.hold(0.5, 2.0)
    for each in processes:
        try:
            resource.prlimit(each, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except ProcessLookupError:
            continue
    return f"disk full for {name}"


def poisoned(world: World) -> str:
    """Put records on the bus that nobody can read."""
    topic = world.dice.choice(["activities", "credits", "league"])
    bus = open_bus(world.chain.bus_url)
    rubbish = [b"\xff\x00rubbish", b"[]", b'{"v": 1, "items": [{"seq": "x"}]}', world.dice.randbytes(200)]
    try:
        bus.publish([Outgoing(topic, "x", each) for each in rubbish])
    except BusUnavailable:
        return f"poison on {topic} (not taken)"
    finally:
        bus.close()
    return f"poison on {topic}"


def bus_flushed(world: World) -> str:
    """Take all data from a Redis that is the bus."""
    parts = urlsplit(world.chain.bus_url)
    world.hold(0.0, 0.5)
    try:
        with Redis(host=parts.hostname or "", port=parts.port or 0, db=int(parts.path.strip("/") or 0)) as client:
            client.flushdb()
    except RedisError:
        return "bus flushed (not reached)"
    return "bus flushed"


EVERYWHERE: Mapping[str, Fault] = {
    "killed": killed,
    "crashed engine": crashed_engine,
    "cut": cut,
    "silent": silent,
    "slow": slow,
    "standings flushed": flushed,
    "rebalanced": rebalanced,
    "zombie": zombie,
    "skewed clock": skewed_clock,
    "poisoned": poisoned,
}


def faults_for(bus: str, sql: str) -> Mapping[str, Fault]:
    """Return what can break on these engines."""
    found = dict(EVERYWHERE)
    if sql == "sqlite":
        found["full disk"] = full_disk
    if bus == "redis":
        found["bus flushed"] = bus_flushed
    return found


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []
