"""The public surface: every name that users may count on is still there, under its path."""

import importlib
import tomllib
from pathlib import Path

import pytest

TABLE = tomllib.loads(Path(__file__).with_name("public_names.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TABLE)
def test_no_public_name_is_gone(path):
    module = importlib.import_module(path)
    assert [name for name in TABLE[path]["names"].split() if not hasattr(module, name)] == []


@pytest.mark.parametrize("path", [p for p in TABLE if not p.endswith("errors")])
def test_public_names_are_announced(path):
    assert set(TABLE[path]["names"].split()) <= set(importlib.import_module(path).__all__)
