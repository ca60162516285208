"""Numbers of things, in words."""


def amount(number: int, name: str) -> str:
    """So many of the things of this name: `1 article`, `2,000 articles`."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
