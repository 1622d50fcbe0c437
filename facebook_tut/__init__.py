"""Deep learning for face recognition: the package that the book's chapters import.

Each floor stands on those below it and imports nothing from above. `make normalise` writes into the
table which chapters use a module.

====================  ==============================================================================
floor                 modules, and the chapters that use them
====================  ==============================================================================
what the reader uses  `plots` (01–19), `interactive` (01–19), `quiz` (01–19), `cli` (14)
a system              `pipeline` (14–15, 17), `matching` (12, 15, 18), `cleaning` (17),
                      `privacy` (18)
how good              `evaluation` (02, 04, 06–19), `recorded` (03, 05–19)
learning              `models` (01, 03–08, 10–11, 14–19), `batches` (08),
                      `training` (03–06, 08–09, 11, 14–19), `distribution`, `checkpoints`,
                      `metric_learning` (11, 14–19), `pretrained` (13–15, 17), `embedders` (14),
                      `export` (15)
without a network     `fisher` (13), `plda` (13)
from scratch          `layers` (01, 03–07, 09–10), `losses` (01, 06–07, 09, 11),
                      `initializers` (09), `optimizers` (09), `network` (01, 03, 05–06, 09)
images                `data` (08), `data.patches` (01, 03, 06–09), `data.folder` (08),
                      `data.detector_patches`, `data.synthetic` (08, 10–19), `data.lfw` (13),
                      `preprocessing` (01–05, 08, 10, 12–14, 17), `detection` (02, 08, 10, 13–14),
                      `cascade` (08), `alignment` (10, 12–14), `augmentation` (09),
                      `corruption` (14–15, 17–19)
ground                `_validation`, `_files`, `_locks`, `_names`, `_pictures`, `_folders`,
                      `_table`, `_keras_files`, `_progress`, `_backend`, `_live`
====================  ==============================================================================

Importing the package is quick: Keras and TensorFlow load with the first module that needs them.
"""

__version__ = "0.1.0"
