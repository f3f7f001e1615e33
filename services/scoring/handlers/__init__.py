"""What scoring does with what arrives: keep it, write the difference, hand the lines on."""

from services.scoring.handlers.leagues import build_league
from services.scoring.handlers.scorer import CHUNK, Scorer, records, subject_of
from services.scoring.handlers.writing import PARTITIONS

__all__ = ["CHUNK", "PARTITIONS", "Scorer", "build_league", "records", "subject_of"]
