"""YAML by libyaml, many times as fast, where PyYAML was built with it: all of its wheels are."""

from typing import Any

import yaml

_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXTS = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def load(text: str | bytes) -> Any:
    """Return what a document holds, as plain values. Raises yaml.YAMLError."""
    return yaml.load(text, _SAFE)  # noqa: S506  # it is the safe one


def compose(text: str) -> yaml.Node | None:
    """Return a document as nodes with their places, all values as texts. Raises yaml.YAMLError."""
    return yaml.compose(text, _TEXTS)
