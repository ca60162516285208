"""Gradient boosted decision trees for two classes, in numpy: small, exact enough, the same on every machine.

Friedman, Greedy Function Approximation: A Gradient Boosting Machine, Annals of Statistics 29 (2001); second-order
gains and the penalty on leaves after Chen and Guestrin, XGBoost, KDD 2016; limits from quantiles of each column.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How trees are grown."""

    trees: int = 200
    depth: int = 4
    rate: float = 0.05
    bins: int = 32
    penalty: float = 8.0
    least: float = 3.0
    """Least second derivative on each side of a split: about four times as many certain blocks."""
    columns: float = 0.2
    """Share of the columns that one tree may look at."""
    rows: float = 0.8
    seed: int = 0


@dataclass(slots=True)
class Forest:
    """Trees in the layout of `scraper.extraction.model.BlockModel`."""

    columns: NDArray[np.int16]
    limits: NDArray[np.float32]
    leaves: NDArray[np.float32]
    bias: float
    width: int


def joined(forests: list[Forest]) -> Forest:
    """The mean of several forests, as one."""
    return Forest(
        columns=np.concatenate([forest.columns for forest in forests]),
        limits=np.concatenate([forest.limits for forest in forests]),
        leaves=np.concatenate([forest.leaves for forest in forests]) / len(forests),
        bias=sum(forest.bias for forest in forests) / len(forests),
        width=forests[0].width,
    )


@dataclass(slots=True)
class _Grower:
    recipe: Recipe
    codes: NDArray[np.int64]
    """Each figure's bin, counted on over the columns."""
    edges: list[NDArray[np.float32]]
    chosen: NDArray[np.int64]
    slope: Floats
    bend: Floats
    columns: NDArray[np.int16] = field(init=False)
    limits: NDArray[np.float32] = field(init=False)
    leaves: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        inner = 2**self.recipe.depth - 1
        self.columns = np.zeros(inner, np.int16)
        self.limits = np.full(inner, np.inf, np.float32)
        self.leaves = np.zeros(inner + 1, np.float32)

    def grow(self, rows: NDArray[np.int64], node: int, depth: int) -> None:
        split = self._split(rows) if depth < self.recipe.depth else None
        if split is None:
            value = -self.slope[rows].sum() / (self.bend[rows].sum() + self.recipe.penalty)
            self.leaves[((node + 1) << (self.recipe.depth - depth)) - 1 - len(self.columns)] = value * self.recipe.rate
            return
        column, bin_ = split
        self.columns[node], self.limits[node] = column, self.edges[column][bin_]
        first = self.codes[rows, column] <= bin_
        self.grow(rows[first], 2 * node + 1, depth + 1)
        self.grow(rows[~first], 2 * node + 2, depth + 1)

    def _split(self, rows: NDArray[np.int64]) -> tuple[int, int] | None:
        bins, count = self.recipe.bins, len(self.chosen)
        flat = (self.codes[np.ix_(rows, self.chosen)] + np.arange(count) * bins).ravel()
        slopes = np.bincount(flat, np.repeat(self.slope[rows], count), count * bins).reshape(count, bins)
        bends = np.bincount(flat, np.repeat(self.bend[rows], count), count * bins).reshape(count, bins)
        slope, bend = self.slope[rows].sum(), self.bend[rows].sum()
        left_slope, left_bend = slopes.cumsum(axis=1), bends.cumsum(axis=1)
        right_slope, right_bend = slope - left_slope, bend - left_bend
        penalty = self.recipe.penalty
        gain = left_slope**2 / (left_bend + penalty) + right_slope**2 / (right_bend + penalty)
        gain -= slope**2 / (bend + penalty)
        gain[(left_bend < self.recipe.least) | (right_bend < self.recipe.least)] = -1
        best = int(gain.argmax())
        at, bin_ = divmod(best, bins)
        column = int(self.chosen[at])
        if gain.flat[best] <= 1e-6 or bin_ >= len(self.edges[column]):
            return None
        return column, bin_


def fit(figures: NDArray[np.float32], truth: Floats, weights: Floats, recipe: Recipe) -> Forest:
    """Trees that tell truth 1 from truth 0."""
    chance = np.random.default_rng(recipe.seed)
    size, width = figures.shape
    quantiles = np.linspace(0, 1, recipe.bins + 1)[1:-1]
    edges = [np.unique(np.quantile(figures[:, at], quantiles).astype(np.float32)) for at in range(width)]
    codes = np.stack([np.searchsorted(edges[at], figures[:, at]) for at in range(width)], axis=1)
    mean = float((weights * truth).sum() / weights.sum())
    bias = float(np.log(mean / (1 - mean)))
    scores = np.full(size, bias)
    grown: list[_Grower] = []
    for _ in range(recipe.trees):
        likely = 1 / (1 + np.exp(-scores))
        rows = np.flatnonzero(chance.random(size) < recipe.rows)
        chosen = np.sort(chance.permutation(width)[: max(1, int(width * recipe.columns))])
        slope, bend = weights * (likely - truth), weights * likely * (1 - likely)
        tree = _Grower(recipe, codes, edges, chosen, slope, bend)
        tree.grow(rows, 0, 0)
        grown.append(tree)
        scores += _values(tree, figures)
    return Forest(
        columns=np.stack([tree.columns for tree in grown]),
        limits=np.stack([tree.limits for tree in grown]),
        leaves=np.stack([tree.leaves for tree in grown]),
        bias=bias,
        width=width,
    )


def _values(tree: _Grower, figures: NDArray[np.float32]) -> NDArray[np.float32]:
    at = np.zeros(len(figures), np.int64)
    rows = np.arange(len(figures))
    for _ in range(tree.recipe.depth):
        at = 2 * at + 1 + (figures[rows, tree.columns[at]] > tree.limits[at])
    return tree.leaves[at - len(tree.columns)]
