"""Deep learning for face recognition: the package that the book's chapters import.

Each floor stands on those below it and imports nothing from above. `make normalise` writes into the
table which chapters use a module.

====================  ==============================================================================
floor                 modules, and the chapters that use them
====================  ==============================================================================
what the reader uses  `plots` (01–16), `interactive` (01–16), `quiz` (01–16), `cli` (12)
a system              `pipeline` (12–13, 15), `matching` (11, 13, 16), `cleaning` (15),
                      `privacy` (16)
how good              `evaluation` (02, 06–16), `recorded` (10–16)
learning              `models` (01, 03–08, 10, 12–16), `batches`, `training` (03–06, 08, 10, 12–16),
                      `distribution`, `metric_learning` (10, 12–16), `pretrained` (12–13, 15),
                      `export` (13)
without a network     `fisher` (12), `plda` (12)
from scratch          `layers` (01, 03–07), `losses` (01, 06–07, 10), `network` (01, 03, 06)
images                `data`, `data.patches` (01, 03, 06–08), `data.synthetic` (09–16),
                      `data.lfw` (12), `preprocessing` (01–05, 08–09, 11–12, 15),
                      `detection` (02, 08–09, 12), `alignment` (09, 11–12), `augmentation`,
                      `corruption` (12–13, 15–16)
ground                `_validation`, `_files`, `_locks`, `_names`, `_pictures`, `_keras_files`,
                      `_progress`, `_backend`, `_live`
====================  ==============================================================================

Importing the package is quick: Keras and TensorFlow load with the first module that needs them.
"""

__version__ = "0.1.0"
