"""/scoring/v1/progress: how much is left to compute again."""

from collections.abc import Callable

from services.scoring.schemas.progress import Progress
from services.scoring.store.remaining import Remaining
from shared.web import Blueprint, requires


def progress(remaining: Callable[[], Remaining]) -> Blueprint:
    """Return the route."""
    blueprint = Blueprint("progress", __name__, url_prefix="/scoring/v1")

    @blueprint.get("/progress")
    @requires("credits:read")
    @blueprint.response(200, Progress)
    def left() -> Remaining:
        """Tell how many subjects are still computed again after a new playbook or roster, and how many prizes."""
        return remaining()

    return blueprint
