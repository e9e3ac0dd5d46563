"""Small makers of text: titles' slugs, markdown, identifiers."""

import hashlib
import random
import re
import unicodedata

from tests.simulator import words

_WORDS = words.WORDS.split()


def digest(*parts: object) -> str:
    """Return 40 hexadecimal digits that depend on `parts` alone."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()[:40]


def identifier(seed: int, kind: str, number: int) -> str:
    """Return 24 hexadecimal digits, as MongoDB's; the last eight are the number, see `number_of`."""
    return f"{digest(seed, kind, number)[:16]}{number:08x}"


def slug(text: str) -> str:
    """Return `text` as udata shortens it for URLs."""
    plain = unicodedata.normalize("NFKD", text.replace("Œ", "oe").replace("'", "")).encode("ascii", "ignore")
    return re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")


def uuid(digits: str) -> str:
    """Shape hexadecimal digits (30 or more) like a UUID of version 4."""
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:30]}"


def number_of(key: str) -> int:
    """Return the number in a record's id (its last eight digits) or slug (after the last dash); -1: none."""
    tail = key.rsplit("-", 1)[-1]
    if "-" in key:
        return int(tail) if tail.isdigit() else -1
    return int(tail[16:], 16) if re.fullmatch("[0-9a-f]{24}", tail) else -1


def sentence(draw: random.Random, length: int = 12) -> str:
    """Return `length` words as a sentence."""
    return " ".join(draw.choices(_WORDS, k=length)).capitalize() + "."


def markdown(draw: random.Random, index: int) -> str:
    """Return a description: every ninth has Windows line ends, every 41st a control character."""
    sentences = " ".join(sentence(draw) for _ in range(draw.randint(2, 7)))
    paragraphs = draw.sample((*words.PARAGRAPHS, sentences), draw.randint(1, 5))
    text = ("\r\n\r\n" if index % 9 == 0 else "\n\n").join(paragraphs)
    return text + (words.CONTROL if index % 41 == 0 else "")
