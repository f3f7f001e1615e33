"""What the front door remembers, in SQL."""

from services.ingest.store.accounts import Accounts
from services.ingest.store.asking import Asking
from services.ingest.store.inbox import Inbox
from services.ingest.store.league import League
from services.ingest.store.outbox import Outbox
from services.ingest.store.parking import Parking
from services.ingest.store.secrets import Secrets
from services.ingest.store.senders import Senders
from services.ingest.store.sign_ins import SignIns
from services.ingest.store.wake import Doorbell, doorbell

__all__ = [
    "Accounts",
    "Asking",
    "Doorbell",
    "Inbox",
    "League",
    "Outbox",
    "Parking",
    "Secrets",
    "Senders",
    "SignIns",
    "doorbell",
]
