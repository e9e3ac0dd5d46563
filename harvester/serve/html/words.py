"""The words of pages: English as it stands in templates and code, French by a catalogue of messages.

Messages are gettext's (https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html); numbers
and dates are written as Unicode's CLDR has them. Both by Babel.
"""

import gettext
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol
from starlette.requests import Request

LANGUAGES = ("en", "fr")
"""Of the interface; the first one for who asks for none of them."""
COOKIE = "language"
"""What keeps a reader's choice."""
SWITCH = "/language/"
"""Where a reader chooses."""

_MOST_HEADER = 1_000
_NUMBER = re.compile("[+-]?[0-9\u202f]*(?:\\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,30})?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says in one language."""

    language: str
    _messages: gettext.NullTranslations

    def gettext(self, message: str) -> str:
        """Return a message in this language."""
        return self._messages.gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the form of a message for a number of things.

        `%(num)s` in it becomes the number; what else is to be filled in is left to the caller.
        """
        return self._messages.ngettext(one, many, number).replace("%(num)s", self.number(number))

    def pgettext(self, context: str, message: str) -> str:
        """Return a message that means different things in different places."""
        return self._messages.pgettext(context, message)

    def pair(self, name: str, value: str) -> str:
        """Join a name and what it stands for, by a colon as the language sets it."""
        return self.gettext("%(name)s: %(value)s") % {"name": name, "value": value}

    def number(self, number: float) -> str:
        """Write a number: 12,345 in English, 12\u202f345 in French; a year stays a year if it is a text."""
        return str(format_decimal(number, locale=self.language))

    def digits(self, number: str) -> str:
        """Write a number that stands as text, with narrow spaces between thousands, in this language's marks.

        >>> words_in("en").digits("12\u202f345.5"), words_in("fr").digits("12345.5")
        ('12,345.5', '12345,5')
        """
        if not _NUMBER.fullmatch(number):
            return number
        group, decimal = _marks(self.language)
        whole, point, rest = number.replace("\u202f", group).partition(".")
        return f"{whole}{decimal}{rest}" if point else whole

    def date(self, value: str | date, form: str = "medium") -> str:
        """Write a day, given as such or as the beginning of an xsd:date or dateTime; else as it stands."""
        day = _moment(value)
        return value if isinstance(value, str) and day is None else format_date(day, form, self.language)

    def moment(self, value: str | datetime, form: str = "medium") -> str:
        """Write a day with its hours and minutes, in the time zone that it is given in."""
        moment = _moment(value)
        if isinstance(value, str) and moment is None:
            return value
        zone = getattr(moment, "tzinfo", None)
        locale = Locale(self.language)
        pattern = f"{locale.date_formats[form].pattern}, {locale.time_formats['short'].pattern}"
        return str(format_datetime(moment, pattern, tzinfo=zone, locale=locale))


@cache
def words_in(language: str) -> Words:
    """Return the words of one of LANGUAGES."""
    if language == LANGUAGES[0]:
        return Words(language, gettext.NullTranslations())
    source = files("harvester.serve.html") / "locale" / f"{language}.po"
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(language, gettext.GNUTranslations(compiled))


def words_of(request: Request) -> Words:
    """Return the words in which a request wants its page."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen not in LANGUAGES:
        chosen = preferred(request.headers.get("accept-language", ""))
    return words_in(chosen)


def preferred(accept_language: str) -> str:
    """Return the language that a header likes best (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4).

    >>> preferred("de, fr-CA;q=0.8, en;q=0.5"), preferred("fr;q=0"), preferred("*")
    ('fr', 'en', 'en')
    """
    weights: dict[str, float] = {}
    for part in accept_language[:_MOST_HEADER].split(","):
        match = _RANGE.fullmatch(part)
        if match and (language := match[1].lower()) in LANGUAGES:
            weights[language] = max(weights.get(language, 0.0), float(match[2] or 1))
    best = max(LANGUAGES, key=lambda language: weights.get(language, 0.0))
    return best if weights.get(best) else LANGUAGES[0]


def switch_address(language: str, back: str) -> str:
    """Return the address, without a proxy's prefix, that chooses a language and leads back."""
    return f"{SWITCH}{language}?{urlencode({'back': back})}"


@cache
def _marks(language: str) -> tuple[str, str]:
    """Return what stands between thousands, and before a fraction."""
    return get_group_symbol(language), get_decimal_symbol(language)


def moment_of(text: str) -> datetime | None:
    """Return the time that a text says, in UTC unless it names another zone; None if it says none.

    >>> moment_of("2026-01-31T03:30:00"), moment_of("soon")
    (datetime.datetime(2026, 1, 31, 3, 30, tzinfo=datetime.timezone.utc), None)
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(value: Any) -> date | None:
    if isinstance(value, str):
        return moment_of(value)
    return value if isinstance(value, date) else None
