"""The parameters of a canned query as fields of a form."""

import re
from dataclasses import dataclass, replace

from harvester.query.parameters import Parameter
from harvester.query.told import Told
from harvester.serve.html.words import Words
from harvester.serve.queries.call import Call

_INPUTS = {
    "iri": "url",
    "number": "number",
    "integer": "number",
    "nonNegativeInteger": "number",
    "decimal": "number",
    "double": "number",
    "float": "number",
    "date": "date",
}
"""HTML's input types by type of parameter. Not datetime-local and time: browsers leave the seconds out."""

_FITS = {
    "number": r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?",
    "date": r"\d{4}-\d\d-\d\d",
}
"""What a browser takes as the value of such an input; anything else it would drop without a word."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `type` is that of an HTML input, `choices` pairs of value and text for a list instead.

    `label` and `hint` are in the reader's language; `mistake` says in English what is wrong with `value`, ""
    if nothing is.
    """

    name: str
    label: str
    type: str
    value: str
    required: bool
    placeholder: str
    hint: str
    choices: tuple[tuple[str, str], ...] = ()
    step: str = ""
    language: str = ""
    mistake: str = ""


def fields(call: Call, words: Words) -> list[Field]:
    """Return the fields for a call, filled with its values."""
    mistakes, told = call.mistakes(), call.query.header.told(words.language)
    preset = Call(call.query, {}).for_reader(words.language).values
    parameters = [
        replace(parameter, default=preset.get(parameter.name, parameter.default))
        for parameter in call.query.parameters
    ]
    return [
        _field(parameter, call.values.get(parameter.name, ""), mistakes.get(parameter.name, ""), told, words)
        for parameter in parameters
    ]


def _field(parameter: Parameter, given: str, mistake: str, told: Told, words: Words) -> Field:
    value = given or parameter.default or ""
    type_ = _INPUTS.get(parameter.type.name, "text")
    if type_ in _FITS and value and not re.fullmatch(_FITS[type_], value):
        type_ = "text"
    return Field(
        name=parameter.name,
        label=told.parameter(parameter.name),
        type=type_,
        value=value,
        required=parameter.required and parameter.default is None,
        placeholder=parameter.default or "",
        hint=_hint(parameter, words),
        choices=_choices(parameter, given, told, words),
        step={"number": "1" if "nteger" in parameter.type.name else "any"}.get(type_, ""),
        language=parameter.type.language or "",
        mistake=mistake,
    )


def _hint(parameter: Parameter, words: Words) -> str:
    if parameter.choices or parameter.type.name == "boolean":
        return ""
    parts = {"expected": _expected(parameter, words), "value": words.gettext(parameter.type.example)}
    if parameter.default is not None:
        return words.gettext("%(expected)s; %(value)s unless given") % {**parts, "value": parameter.default}
    if parameter.required:
        return words.gettext("%(expected)s, such as %(value)s") % parts
    return words.gettext("%(expected)s, such as %(value)s; may be left out") % parts


def _expected(parameter: Parameter, words: Words) -> str:
    if parameter.type.language:
        return words.gettext("a text in the language %(code)s") % {"code": parameter.type.language}
    return words.gettext(parameter.type.expects)


def _choices(parameter: Parameter, given: str, told: Told, words: Words) -> tuple[tuple[str, str], ...]:
    values = parameter.choices
    names = {value: told.value(parameter.name, value) for value in values}
    if not values and parameter.type.name == "boolean":
        values, names = ("true", "false"), {"true": words.gettext("yes"), "false": words.gettext("no")}
    if not values:
        return ()
    open_ = parameter.default is None
    none = words.gettext("choose…") if parameter.required else words.gettext("any")
    first = (("", none),) if open_ else ()
    unknown = (
        ((given, given),) if given and given not in values else ()
    )  # shown as it was given, to be mended
    return (*first, *unknown, *((value, names[value]) for value in values))
