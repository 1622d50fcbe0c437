"""Deep learning for face recognition: the package that the book's chapters import.

Each floor stands on the one below: `_validation`, `_files`, `_names` and `_pictures`; then `data`
and `preprocessing`; then `models`, `training` and `distribution`; then `evaluation`, `detection`
and `matching`; then what the reader touches: `plots`, `interactive`, `quiz` and the command line.
Importing the package is quick: Keras and TensorFlow load with the first module that needs them.
"""

__version__ = "0.1.0"
