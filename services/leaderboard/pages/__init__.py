"""Pages: the TV."""

from services.leaderboard.pages.tv import app_version, blueprints, texts

__all__ = ["app_version", "blueprints", "texts"]
