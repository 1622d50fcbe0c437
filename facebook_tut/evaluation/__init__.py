"""How good is it, and how sure are we: of a classifier, of 1:1 verification, of 1:N search."""

from .classification import Confusion, Proportion, confusion

__all__ = ["Confusion", "Proportion", "confusion"]
