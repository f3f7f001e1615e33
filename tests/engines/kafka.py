"""Apache Kafka 4 in KRaft mode: given, in a container, or from Apache's jars with the machine's Java."""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.engines.docker import start_container
from tests.engines.engine import Engine, EngineMissing, GivenEngine, free_port
from tests.engines.process import Recipe, new_folder, start_local

VARIABLE = "SAMENSPEL_TEST_KAFKA_URL"
POM = Path(__file__).parents[1] / "kafka" / "pom.xml"
VERSION = re.search(r"<kafka.version>(.+)</kafka.version>", POM.read_text(encoding="utf-8"))[1]  # type: ignore[index]
IMAGE = f"apache/kafka:{VERSION}"
JAVA_NEEDED = 17
JVM = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
DOWNLOAD_SECONDS = 600


def start() -> Engine:
    """Return a running broker that keeps its data over a restart. Raises EngineMissing."""
    given = os.environ.get(VARIABLE)
    if given:
        return GivenEngine(given)
    with suppress(EngineMissing):
        return start_container(IMAGE, 9092, url=_url, answers=_answers, environment=_container_environment)
    return _start_process()


def _url(port: int) -> str:
    return f"kafka://127.0.0.1:{port}"


def _settings(listen: str, controller: str, advertised: str) -> dict[str, str]:
    """Return the broker's settings: one node, quick groups, short sessions allowed, no topics by accident."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"PLAINTEXT://{listen},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{advertised}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "broker.session.timeout.ms": "2000",
        "broker.heartbeat.interval.ms": "500",
        "auto.create.topics.enable": "false",
        "log.index.size.max.bytes": "1048576",
    }


def _container_environment(port: int) -> Mapping[str, str]:
    settings = _settings("0.0.0.0:9092", "localhost:9093", f"127.0.0.1:{port}")
    return {"KAFKA_" + name.upper().replace(".", "_"): value for name, value in settings.items()}


def _start_process() -> Engine:
    java, jars = _java(), _jars()
    folder, port, controller = new_folder("kafka"), free_port(), free_port()
    address = f"127.0.0.1:{port}"
    settings = {**_settings(address, f"127.0.0.1:{controller}", address), "log.dirs": str(folder / "data")}
    properties = folder / "server.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
    run = [java, *JVM, "-cp", f"{jars}/*"]
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    subprocess.run(
        [*run, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(properties)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    recipe = Recipe([*run, "kafka.Kafka", str(properties)], lambda: _answers(port), seconds_to_start=120)
    return start_local(_url(port), folder, recipe)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", bootstrap_timeout_ms=1000).close()
    except (OSError, KafkaError):
        return False
    return True


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise EngineMissing(f"no Docker engine with {IMAGE}, and no java on the PATH (needed: {JAVA_NEEDED} or newer)")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA_NEEDED:
        raise EngineMissing(f"Kafka needs Java {JAVA_NEEDED} or newer, this one says: {said.strip()}")
    return java


def _jars() -> Path:
    """Return the folder with Kafka's jars, downloaded once per user and version."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samenspel"
    jars = cache / f"kafka-{VERSION}"
    if not jars.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _download(cache, jars)
    return jars


def _download(cache: Path, jars: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise EngineMissing(f"no Docker engine with {IMAGE}, and no mvn on the PATH to get Kafka's jars")
    draft = Path(tempfile.mkdtemp(dir=cache))
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={draft}"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS)
    except subprocess.SubprocessError as error:
        shutil.rmtree(draft)
        raise EngineMissing(f"Kafka's jars could not be downloaded: {getattr(error, 'stdout', error)}") from error
    with suppress(OSError):  # another run may have been quicker
        draft.rename(jars)
