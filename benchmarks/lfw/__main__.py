"""Learn from Labeled Faces in the Wild and nothing else, and be measured on people never seen.

View 1 is for choosing: what is measured learns from the people of `peopleDevTrain.txt` and meets
the 1,000 pairs of `pairsDevTest.txt`. The scores of its own people would set the threshold too
high, so the threshold of each tenth of those pairs comes from the other nine tenths.

View 2 is for reporting: 6,000 pairs in ten folds, no person in two. Every fold is scored by a
recogniser that saw nobody of it, and its threshold comes from the other nine folds. `--trainings
10` leaves out one fold at a time; `--trainings 2` learns from five folds and scores the other five.

Four methods can be measured: `fisher`, the strongest that we have found; `network`, which learns
all by itself; `student`, a network that the first has taught, much quicker than its teacher;
`robust`, which begins as the student and learns to see through bad light, lenses and files. Beside
each stand eigenfaces (Turk and Pentland, 1991): 150 principal components of the same training
people's images, whitened, compared by cosine. Their crop is tighter, without hair and background,
which serves them better in View 1.

What takes long is kept in files: every epoch, every thousand Fisher vectors. A run that was
interrupted goes on from them when the same command is given again, and ends with the same numbers.
A network that trains on one core is a third quicker with `MALLOC_MMAP_MAX_=0` and
`MALLOC_TRIM_THRESHOLD_=536870912` in the environment: else glibc returns every large array to the
system and asks for it again.

Two studies stand beside: `python benchmarks/lfw quality` and `python benchmarks/lfw trainings`.

    python benchmarks/lfw --view 1 --data folder/with/lfw
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # the folder that holds this package

from lfw import methods, quality, trainings

STUDIES = {"quality": quality, "trainings": trainings}


def main():
    """Measure a method, or run a study."""
    if sys.argv[1:2] and sys.argv[1] in STUDIES:
        return STUDIES[sys.argv[1]].main(sys.argv[2:])
    return methods.main(__doc__, sys.argv[1:])


if __name__ == "__main__":
    main()
