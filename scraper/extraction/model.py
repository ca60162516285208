"""The block model: how likely a block is part of the story, by boosted decision trees over its figures.

Friedman, Greedy Function Approximation: A Gradient Boosting Machine, Annals of Statistics 29 (2001). The trees are
grown by `bench/train_blocks.py` and stored in `block_model.npz`.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from scraper.extraction.features import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockModel:
    """Complete binary trees of one depth, each stored level by level: the sons of node n are 2n + 1 and 2n + 2."""

    columns: NDArray[np.int16]
    """The figure that each inner node looks at, one row a tree."""
    limits: NDArray[np.float32]
    """A block goes to the first son when its figure is at most this."""
    leaves: NDArray[np.float32]
    bias: float
    width: int
    """Figures a block has."""

    def likely(self, figures: Figures) -> Figures:
        """For each block the likelihood, 0 to 1, that it is part of the story."""
        if figures.shape[1] != self.width:
            raise ValueError(f"the block model was trained on {self.width} figures a block, not {figures.shape[1]}")
        trees, inner = self.columns.shape
        flat, columns, limits = figures.ravel(), self.columns.ravel(), self.limits.ravel()
        rows = (np.arange(len(figures), dtype=np.int32) * self.width)[:, None]
        first = (np.arange(trees, dtype=np.int32) * inner)[None, :]
        at = np.zeros((len(figures), trees), np.int32)
        for _ in range(int(np.log2(inner + 1))):
            node = first + at
            at = 2 * at + 1 + (flat.take(rows + columns.take(node)) > limits.take(node))
        leaf = at - inner + np.arange(trees, dtype=np.int32) * (inner + 1)
        score = self.leaves.ravel().take(leaf).sum(axis=1, dtype=np.float32) + self.bias
        return np.asarray(1 / (1 + np.exp(-score)), np.float32)


@lru_cache(maxsize=1)
def block_model() -> BlockModel:
    """The trained model that ships with the package."""
    with as_file(files("scraper.extraction").joinpath("block_model.npz")) as path, np.load(path) as stored:
        return BlockModel(
            columns=stored["columns"],
            limits=stored["limits"],
            leaves=stored["leaves"],
            bias=float(stored["bias"]),
            width=int(stored["width"]),
        )
