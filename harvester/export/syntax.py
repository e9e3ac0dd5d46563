"""The syntaxes of dumps, as file names and options tell them."""

from dataclasses import dataclass

from harvester.errors import UsageError
from harvester.formats import BY_NAME

COMPRESSIONS = ("gz", "zst")
EXTENSIONS = ("ttl", "jsonld", "nt", "nq", "trig", "rdf")
"""What to call the formats that dumps are written in; `harvester.formats` knows other words for them too."""

_WRITTEN = frozenset(BY_NAME[extension].name for extension in EXTENSIONS)


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a dump is written: `format` is a name in `harvester.formats`, `compression` "", "gz" or "zst"."""

    format: str
    compression: str = ""

    @property
    def keeps_graphs(self) -> bool:
        """Whether it tells in which graph a statement stands."""
        return self.format in ("nq", "trig")


def syntax_of(file: str, format_: str | None = None) -> Syntax:
    """Choose by the word `format_`, such as "ttl" or "nt.gz", else by the name of the file.

    Raises UsageError where neither tells.

    >>> syntax_of("catalogue.ttl.gz")
    Syntax(format='ttl', compression='gz')
    >>> syntax_of("-", "nq")
    Syntax(format='nq', compression='')
    """
    name, compression = _split(file)
    if format_ is not None:
        name, own_compression = _split(f".{format_}")
        compression = own_compression or compression
    known = BY_NAME.get(name)
    if known is None or known.name not in _WRITTEN:
        endings = ", ".join(f".{extension}" for extension in EXTENSIONS)
        told = f"--format {format_}" if format_ is not None else f"the name {file!r}"
        raise UsageError(
            f"{told} does not tell in which format to write",
            fix=f"end the file's name in one of {endings}, each also with .gz or .zst, or say --format ttl",
        )
    return Syntax(known.name, compression)


def _split(file: str) -> tuple[str, str]:
    """Return the last part of a file's name after a dot, "" if there is none, and its compression."""
    stem, _, last = file.lower().rpartition(".")
    if last in COMPRESSIONS:
        return stem.rpartition(".")[2] if "." in stem else "", last
    return (last if stem or file.startswith(".") else ""), ""
