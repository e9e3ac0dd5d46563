"""The typed parameters of a canned query: what a value must look like, and the term that it becomes.

A parameter is a variable `?_name` (required) or `?__name` (optional), its type a suffix: `?_publisher_iri`,
`?__limit_integer`, `?_day_xsd_date`, `?_word_fr`. The convention is grlc's.
https://github.com/CLARIAH/grlc#parameter-mapping
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from pyoxigraph import Literal, NamedNode

from harvester.errors import UsageError
from harvester.vocab import XSD

Check = Callable[[str], object]
"""Raises ValueError for a value that looks right and is not, such as 30 February."""

_VARIABLE = re.compile(r"[?$](__?)(?=[^_])(.+)", re.DOTALL)
_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d:\d\d(?:\.\d{1,9})?"
_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
_DECIMAL = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_DURATION = r"-?P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?"
_DOUBLE = rf"{_DECIMAL}(?:[eE][+-]?\d+)?|[+-]?INF|NaN"


@dataclass(frozen=True, slots=True)
class Type:
    """What values of a parameter may be.

    `pattern` is the lexical form (whole value), `datatype` the XSD type of the literal, None for IRIs and
    literals with a language. `expects` and `example` are for people.
    """

    name: str
    expects: str
    example: str
    pattern: str = r".*"
    datatype: str | None = None
    language: str | None = None
    check: Check | None = None

    def term(self, value: str) -> NamedNode | Literal:
        """Return the term for a value. Raises ValueError if it is not of this type."""
        if not re.fullmatch(self.pattern, value, re.DOTALL | re.ASCII):
            raise ValueError(value)
        if self.check:
            self.check(value)
        if self.name == "iri":
            return NamedNode(value)
        if self.name == "number":
            return Literal(value, datatype=NamedNode(XSD + _number_type(value)))
        if self.language:
            return Literal(value, language=self.language)
        return Literal(value, datatype=NamedNode(f"{XSD}{self.datatype}"))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a canned query. `variables` are the tokens that its value takes the place of."""

    name: str
    type: Type
    required: bool
    variables: tuple[str, ...]
    default: str | None = None
    choices: tuple[str, ...] = ()

    def term(self, value: str) -> NamedNode | Literal:
        """Return the term that a value becomes. Raises UsageError that says what was expected."""
        if self.choices and value not in self.choices:
            raise self._refused(value, "one of its choices", ", ".join(self.choices))
        try:
            return self.type.term(value)
        except ValueError as error:
            raise self._refused(value, self.type.expects, f"{self.name}={self.type.example}") from error

    def _refused(self, value: str, expects: str, example: str) -> UsageError:
        return UsageError(f"Parameter {self.name}: {value!r} is not {expects}", fix=example)


def parse_variable(token: str) -> Parameter | None:
    """Read a variable token as a parameter; None if it is an ordinary variable.

    Raises ValueError with the reason if it begins like a parameter and is none.

    >>> parse_variable("?__limit_integer").name
    'limit'
    >>> parse_variable("?dataset") is None
    True
    """
    match = _VARIABLE.fullmatch(token)
    if match is None:
        return None
    name, *suffix = match[2].split("_")
    if suffix[:1] == ["xsd"] and len(suffix) == 2:
        type_ = _xsd_type(suffix[1])
    elif len(suffix) <= 1:
        type_ = _type(suffix[0] if suffix else "literal")
    else:
        raise ValueError(
            f"{token}: a name must not hold an underscore, which sets the type apart; "
            f"write {_camel([name, *suffix[:-1]])}_{suffix[-1]}"
        )
    return Parameter(name, type_, required=match[1] == "_", variables=("?" + token[1:],))


def _type(suffix: str) -> Type:
    if suffix in TYPES:
        return TYPES[suffix]
    if re.fullmatch(r"[a-zA-Z]{2,3}", suffix):
        return Type(suffix, f"a text in the language {suffix}", "word", language=suffix.lower())
    raise ValueError(
        f"{suffix!r} is neither a type ({', '.join(TYPES)}, xsd_…) nor a language tag such as fr"
    )


def _xsd_type(name: str) -> Type:
    if name not in _XSD_TYPES:
        raise ValueError(f"xsd:{name} is not among the types known here: {', '.join(_XSD_TYPES)}")
    return _XSD_TYPES[name]


def _camel(words: list[str]) -> str:
    return words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])


def _number_type(value: str) -> str:
    if re.fullmatch(r"[+-]?\d+", value):
        return "integer"
    return "decimal" if re.fullmatch(_DECIMAL, value) else "double"


def _xsd(name: str, expects: str, example: str, pattern: str, check: Check | None = None) -> Type:
    return Type(name, expects, example, pattern, datatype=name, check=check)


def _is_datetime(value: str) -> object:
    return datetime.fromisoformat(re.sub(r"\.\d+", "", value))


def _is_date(value: str) -> object:
    return date.fromisoformat(value[:10])


_XSD_TYPES = {
    type_.name: type_
    for type_ in (
        # https://www.w3.org/TR/xmlschema11-2/#built-in-datatypes
        _xsd("string", "a text", "word", r".*"),
        _xsd("integer", "a whole number", "10", r"[+-]?\d+"),
        _xsd("nonNegativeInteger", "a whole number, 0 or more", "10", r"\+?\d+"),
        _xsd("decimal", "a number without exponent", "2.5", _DECIMAL),
        _xsd("double", "a number", "2.5e3", _DOUBLE),
        _xsd("float", "a number", "2.5e3", _DOUBLE),
        _xsd("boolean", "true or false", "true", "true|false|1|0"),
        _xsd("date", "a date", "2026-01-31", _DATE + _ZONE, _is_date),
        _xsd("dateTime", "a date and time", "2026-01-31T12:00:00", f"{_DATE}T{_TIME}{_ZONE}", _is_datetime),
        _xsd("time", "a time of day", "12:00:00", _TIME + _ZONE),
        _xsd("gYear", "a year", "2026", r"-?\d{4}" + _ZONE),
        _xsd("gYearMonth", "a month of a year", "2026-01", r"-?\d{4}-(?:0[1-9]|1[0-2])" + _ZONE),
        _xsd("anyURI", "an address", "https://data.example/", r"\S*"),
        _xsd(
            "dayTimeDuration",
            "a duration",
            "P1DT12H",
            _DURATION,
        ),
    )
}
TYPES = {
    "iri": Type("iri", "an absolute IRI", "https://data.example/dataset/1"),
    "literal": Type("literal", "a text", "word", datatype="string"),
    "number": Type("number", "a number", "2.5", _DOUBLE),
    **{name: _XSD_TYPES[name] for name in ("integer", "decimal", "date", "dateTime", "boolean")},
}
"""Types by suffix."""
