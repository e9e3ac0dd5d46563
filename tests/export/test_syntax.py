"""Which format and compression a name asks for."""

import pytest

from harvester.errors import UsageError
from harvester.export.syntax import EXTENSIONS, Syntax, syntax_of


@pytest.mark.parametrize("compression", ["", "gz", "zst"])
@pytest.mark.parametrize(
    ("extension", "format_"),
    [
        ("ttl", "ttl"),
        ("jsonld", "jsonld"),
        ("nt", "nt"),
        ("nq", "nq"),
        ("trig", "trig"),
        ("rdf", "xml"),
        ("rdf.xml", "xml"),
    ],
)
def test_the_end_of_the_name_tells(extension, format_, compression):
    """In capitals too, and after other dots."""
    name = f"a.b/my.catalogue.{extension}" + (f".{compression}" if compression else "")

    assert syntax_of(name) == syntax_of(name.upper()) == Syntax(format_, compression)


@pytest.mark.parametrize(
    ("file", "word", "syntax"),
    [
        ("-", "ttl", Syntax("ttl")),
        ("-", "nq.zst", Syntax("nq", "zst")),
        ("dump.gz", "nt", Syntax("nt", "gz")),
        ("dump.ttl", "jsonld", Syntax("jsonld")),
        ("dump.ttl.gz", "jsonld.zst", Syntax("jsonld", "zst")),
    ],
)
def test_the_option_tells_first(file, word, syntax):
    """What it leaves open, the name may tell."""
    assert syntax_of(file, word) == syntax


NAMELESS = ("-", "dump", "dump.zip", "dump.gz", "ttl", "dump.n3", ".gz", "", "dump.ttl/x")


@pytest.mark.parametrize("file", NAMELESS)
def test_other_names_are_refused(file):
    """With all that would do."""
    with pytest.raises(UsageError, match="does not tell in which format") as caught:
        syntax_of(file)

    assert all(f".{extension}" in caught.value.fix for extension in EXTENSIONS)
