"""The word lists in `rules/`, one entry a line, `#` for remarks."""

from importlib.resources import files


def rule_lines(name: str) -> tuple[str, ...]:
    """The entries of `rules/<name>.txt` in the order of the file."""
    lines = files("scraper.extraction").joinpath(f"rules/{name}.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
