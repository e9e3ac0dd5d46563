"""harvester: a linked-data catalog harvester for udata portals."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("catalog-harvester")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0"
