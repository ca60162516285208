"""Whether a story is already here."""

from scraper.dedup.batch import judge_all
from scraper.dedup.detector import NearDuplicates
from scraper.dedup.fingerprint import ForeignFingerprintError

__all__ = ["ForeignFingerprintError", "NearDuplicates", "judge_all"]
