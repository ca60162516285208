"""Whether a story is already here."""

from scraper.dedup.batch import judge_all
from scraper.dedup.detector import NearDuplicates
from scraper.dedup.fingerprint import ForeignFingerprintError
from scraper.dedup.preparing import prepare, prepared
from scraper.dedup.versions import Member, difference, representative

__all__ = [
    "ForeignFingerprintError",
    "Member",
    "NearDuplicates",
    "difference",
    "judge_all",
    "prepare",
    "prepared",
    "representative",
]
