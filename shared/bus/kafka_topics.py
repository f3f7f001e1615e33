"""The topics of the table in a Kafka cluster: made when missing, told apart by their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from threading import Lock
from time import monotonic, sleep
from typing import Any, TypeVar

from kafka import KafkaAdminClient
from kafka import errors as kafka_errors

from shared.bus.interface import BusUnavailable, Options
from shared.topics import Topic

TOPIC_MESSAGE_BYTES = 2_000_000
_LOOK_SECONDS = 0.1
LOST = (kafka_errors.CommitFailedError, kafka_errors.RebalanceInProgressError)
_FATAL = (
    kafka_errors.AuthorizationError,
    kafka_errors.SaslAuthenticationFailedError,
    kafka_errors.KafkaConfigurationError,
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.IllegalStateError,
    kafka_errors.IllegalArgumentError,
)
_EXISTS = kafka_errors.TopicAlreadyExistsError.errno
_Answer = TypeVar("_Answer")


class KafkaTopics:
    """Looks after the topics through an admin client of its own; for several threads."""

    def __init__(self, client: Mapping[str, Any], topics: Mapping[str, Topic], options: Options) -> None:
        """Know the table; connect on first use. `client` has the settings that all clients share."""
        self._settings, self._prefix, self._patience = client, options.prefix, options.patience
        self._topics = {options.prefix + name: topic for name, topic in topics.items()}
        self._lock = Lock()
        self._admin: Any = None
        self._sure = False

    def ensure(self) -> None:
        """Make the topics that do not exist, unless they were seen before.

        Raises BusUnavailable; ValueError where a topic has another number of partitions than the table.
        """
        if not self._sure:
            self.incarnation()

    def doubt(self) -> None:
        """Look again next time: the cluster may have lost them."""
        self._sure = False

    def incarnation(self) -> str:
        """Return a digest of the topics' ids, which are new for topics that were made anew; missing ones are made."""
        found = self._ask(self._all)
        self._sure = True
        ids = ";".join(f"{name}={found[name]['topic_id']}" for name in sorted(found))
        return sha256(ids.encode()).hexdigest()[:32]

    def empty(self) -> None:
        """Delete the topics and make them anew. Raises BusUnavailable."""
        self.doubt()
        self._ask(self._remove)
        self.incarnation()

    def ping(self) -> None:
        """Return when the cluster answers. Raises BusUnavailable."""
        self._ask(lambda admin: admin.describe_cluster())

    def close(self) -> None:
        """Close the admin client."""
        with self._lock:
            self._discard()

    def _ask(self, question: Callable[[Any], _Answer]) -> _Answer:
        """Return the answer of a question to the admin client; a failed client is not used again."""
        with self._lock, answering():
            try:
                self._admin = self._admin or KafkaAdminClient(**self._settings)
                return question(self._admin)
            except BaseException:
                self._discard()
                raise

    def _discard(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            with suppress(kafka_errors.KafkaError):
                admin.close()

    def _describe(self, admin: Any) -> dict[str, Any]:
        described = admin.describe_topics(list(self._topics))
        return {topic["name"]: topic for topic in described if topic["error_code"] == 0}

    def _all(self, admin: Any) -> dict[str, Any]:
        found = self._describe(admin)
        missing = {name: _configuration(topic) for name, topic in self._topics.items() if name not in found}
        if missing:
            self._create(admin, missing)
            found = self._describe(admin)
        for name, topic in self._topics.items():
            if len(found[name]["partitions"]) != topic.partitions:
                raise ValueError(f"{name} has {len(found[name]['partitions'])} partitions, not {topic.partitions}")
        return found

    def _remove(self, admin: Any) -> None:
        admin.delete_topics(list(self._describe(admin)))
        deadline = monotonic() + self._patience
        while self._describe(admin):
            if monotonic() > deadline:
                raise BusUnavailable("Kafka: the topics were not deleted in time")
            sleep(_LOOK_SECONDS)

    def _create(self, admin: Any, missing: dict[str, Any]) -> None:
        answer = admin.create_topics(missing, raise_errors=False)
        for topic in answer["topics"]:
            if topic["error_code"] not in {0, _EXISTS}:
                raise kafka_errors.for_code(topic["error_code"])(topic["name"])
        admin.wait_for_topics(list(missing), timeout_ms=self._patience * 1000)


@contextmanager
def answering() -> Iterator[None]:
    """Turn every failure that can pass into BusUnavailable; a refused login or a lost partition stays what it is."""
    try:
        yield
    except (*_FATAL, *LOST):
        raise
    except kafka_errors.KafkaError as error:
        raise BusUnavailable(f"Kafka: {error}") from error


def _configuration(topic: Topic) -> dict[str, Any]:
    retention_ms = -1 if topic.retention is None else int(topic.retention.total_seconds() * 1000)
    configs = {"cleanup.policy": "delete", "retention.ms": retention_ms, "max.message.bytes": TOPIC_MESSAGE_BYTES}
    return {
        "num_partitions": topic.partitions,
        "replication_factor": -1,  # what the cluster's default.replication.factor says
        "configs": {name: str(value) for name, value in configs.items()},
    }
