"""Embedders by name, and what is said where an extra is not installed."""

import sys

import pytest

from facebook_tut import embedders
from facebook_tut.embedders import dlib_network


def test_the_names_are_those_of_the_command_line():
    assert [*embedders.EMBEDDERS] == ["shipped", "dlib"]
    with pytest.raises(ValueError, match="name must be one of shipped, dlib"):
        embedders.load("vgg")


def test_without_the_library_the_message_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(ImportError, match=r'dlib needs dlib: pip install "facebook_tut\[dlib\]"'):
        embedders.load("dlib")


def test_without_the_weights_as_well(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", object())
    monkeypatch.setattr(dlib_network, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"needs its weights: pip install .*\[dlib\]"):
        embedders.load("dlib")
