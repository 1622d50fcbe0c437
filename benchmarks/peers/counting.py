"""Counting people in streams of photographs, as in `benchmarks/counting.py`."""

import numpy as np
from _draws import interval
from lfw.people import draw, split

from facebook_tut.evaluation import count_errors
from facebook_tut.pipeline import group_people

STREAMS, MOST, STEPS = (10, 30, 100), 5, 16  # people of a stream, photographs of each, thresholds


def measure_counting(seen, photos, streams):
    """Return what counts are wrong by: half of the people choose the threshold, half report."""
    names = np.array([photo.name for photo in photos])
    several = set(names[1:][names[1:] == names[:-1]].tolist())
    halves = {half: [n for n in some if n in several] for half, some in split(names).items()}
    found = {}
    for system, rows in seen.items():
        embeddings = rows.of(photos)
        grid = count_grid(embeddings)
        wrong = {
            half: count_streams(embeddings, names, people, grid, streams)
            for half, people in halves.items()
        }
        errors = [np.abs(one[..., 2]).mean(0) for one in wrong["choosing"].values()]  # (T,) each
        best = int(np.mean(errors, axis=0).argmin())
        found[system] = {
            "threshold": grid[best],
            "streams": {size: summarise(one[:, best]) for size, one in wrong["reporting"].items()},
        }
    return {"people": len(halves["reporting"]), "streams": streams, "systems": found}


def count_grid(embeddings):
    """Return thresholds from the median cosine of all pairs to that of one pair in 10,000."""
    scores = (embeddings @ embeddings.T)[np.triu_indices(len(embeddings), 1)]
    low, high = np.quantile(scores, [0.5, 0.9999])
    return np.linspace(low, high, STEPS).round(3).tolist()


def count_streams(embeddings, names, people, grid, streams):
    """Return splits, merges and error in shares of a stream's people, (streams, T, 3), by size."""
    rng, found = np.random.default_rng(1), {}
    for size in STREAMS:
        rows = [draw(names, people, size, MOST, rng) for _ in range(streams)]
        found[str(size)] = np.array([count(embeddings[one], names[one], grid) for one in rows])
    return found


def count(embeddings, names, grid):
    """Return splits, merges and error of a stream's count at each threshold, (T, 3)."""
    found = [count_errors(group_people(embeddings, limit), names) for limit in grid]
    return [[f.splits / f.people, f.merges / f.people, f.error / f.people] for f in found]


def summarise(wrong):
    """Return the means over streams, and where the counts of 95 % of the streams lie."""
    splits, merges, error = wrong.T
    shares = {"splits": splits.mean(), "merges": merges.mean(), "wrong_by": np.abs(error).mean()}
    shares = {name: round(float(one), 4) for name, one in shares.items()}
    return shares | {"error_of_95": interval(error)}
