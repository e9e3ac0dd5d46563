"""The parameters of a canned query as fields of a form."""

import re
from dataclasses import dataclass

from harvester.query.parameters import Parameter
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

    `mistake` says what is wrong with `value`, "" if nothing is.
    """

    name: str
    type: str
    value: str
    required: bool
    placeholder: str
    hint: str
    choices: tuple[tuple[str, str], ...] = ()
    step: str = ""
    language: str = ""
    mistake: str = ""


def fields(call: Call) -> list[Field]:
    """Return the fields for a call, filled with its values."""
    mistakes = call.mistakes()
    return [
        _field(parameter, call.values.get(parameter.name, ""), mistakes.get(parameter.name, ""))
        for parameter in call.query.parameters
    ]


def _field(parameter: Parameter, given: str, mistake: str) -> Field:
    value = given or parameter.default or ""
    type_ = _INPUTS.get(parameter.type.name, "text")
    if type_ in _FITS and value and not re.fullmatch(_FITS[type_], value):
        type_ = "text"
    return Field(
        name=parameter.name,
        type=type_,
        value=value,
        required=parameter.required and parameter.default is None,
        placeholder=parameter.default or "",
        hint=_hint(parameter),
        choices=_choices(parameter, given),
        step={"number": "1" if "nteger" in parameter.type.name else "any"}.get(type_, ""),
        language=parameter.type.language or "",
        mistake=mistake,
    )


def _hint(parameter: Parameter) -> str:
    if parameter.choices or parameter.type.name == "boolean":
        return ""
    text = f"{parameter.type.expects}, such as {parameter.type.example}"
    if parameter.default is not None:
        return f"{parameter.type.expects}; {parameter.default} unless given"
    return text if parameter.required else f"{text}; may be left out"


def _choices(parameter: Parameter, given: str) -> tuple[tuple[str, str], ...]:
    values = parameter.choices
    if not values and parameter.type.name == "boolean":
        values = ("true", "false")
    if not values:
        return ()
    open_ = parameter.default is None
    first = (("", "choose…" if parameter.required else "any"),) if open_ else ()
    unknown = (
        ((given, given),) if given and given not in values else ()
    )  # shown as it was given, to be mended
    return (*first, *unknown, *((value, value) for value in values))
