"""harvester: a linked-data catalog harvester for udata portals."""


def __getattr__(name: str) -> str:
    """Look up `__version__` when it is asked for: reading package metadata takes a third of the start-up."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  # see above

    try:
        return version("catalog-harvester")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0"
