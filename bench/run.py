"""The benchmarks that say how good the program is, one after the other: extraction, near-duplicates, the whole line.

    python bench/run.py DATA_DIR

DATA_DIR holds pages/ (real pages with gold text) and dedup/ (labelled stories). Each part is a program of its own here
and may be run alone; each tells its figures beside those of its peers in the same run.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# What is said above it, the program, the part of the data directory that it takes.
PARTS = (
    ("Extracted text against known texts", "extraction.py", "pages"),
    ("Titles, people and dates against known ones", "metadata.py", "pages"),
    ("Near-duplicates against labelled stories", "dedup.py", "."),
    ("The whole line over real sockets", "pipeline.py", "."),
)


def main() -> int:
    """Run all parts; exit status 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    missing = [name for name in ("pages/gold.jsonl", "dedup/syndication.jsonl.gz") if not (data / name).exists()]
    if missing:
        parser.error(f"{data} has no {' and no '.join(missing)}")
    failed = 0
    for title, program, place in PARTS:
        print(f"\n{title}\n{'=' * len(title)}", flush=True)
        failed += subprocess.run([sys.executable, str(HERE / program), str(data / place)], check=False).returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
