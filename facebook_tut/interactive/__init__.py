"""Live figures: each answers its reader on the book's page, in Jupyter and in Colab alike."""

from ._decision import decision_explorer

__all__ = ["decision_explorer"]
