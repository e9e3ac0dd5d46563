"""Settings, each with its unit and default, checked once at the door."""

from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How to behave towards a portal. Times in seconds, sizes in bytes."""

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    """Longest silence between two pieces of an answer."""
    total_timeout: float = 300.0
    """Longest time for one answer, redirects and body included."""
    attempts: int = 5
    """Requests made for one answer before giving up (1: no retry)."""
    backoff: float = 1.0
    """First wait before asking again; doubles each time, with jitter."""
    max_wait: float = 120.0
    """Longest wait between two attempts; also the most that Retry-After may ask."""
    max_body: int = 64 * MEBIBYTE
    """Largest answer, after decompression."""
    rate: float = 10.0
    """Most requests per second to one host; 0: no limit."""
    concurrency: int = 2
    """Most requests under way to one host."""
    max_spacing: float = 30.0
    """Most time between two requests to a host that asks for rest; `max_wait` bounds it as well."""
    max_redirects: int = 5
    max_requests: int = 100_000
    """Most requests of one run, redirects and retries included; 0: no limit."""
    max_transfer: int = 16 * 1024 * MEBIBYTE
    """Most bytes that one run may receive, before decompression; 0: no limit."""
    contact: str = ""
    """Mail address or URL for the User-Agent, so that a portal's owner can reach you."""


@dataclass(frozen=True, slots=True)
class RdfLimits:
    """What one RDF document may be at most."""

    max_bytes: int = 64 * MEBIBYTE
    max_depth: int = 64
    """Nesting of JSON-LD values and RDF/XML elements; Turtle is read without recursion and needs no bound."""
    max_triples: int = 1_000_000


def data_dir(name: str) -> Path:
    """Return a folder of shipped data (`mappings`, `queries`): in the wheel, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
