"""A synthetic udata portal on loopback, for tests and benchmarks: any size, any fault, and the truth of it.

It imitates what was measured on udata 17.18, quirks included; what a module imitates is said there.
"""

from tests.simulator.faults import Fault
from tests.simulator.manners import CACHED, LEGACY, PLAIN, UDATA, Manners, Surface
from tests.simulator.night import Night
from tests.simulator.server import Portal, serve
from tests.simulator.truth import Truth
from tests.simulator.world import World

__all__ = [
    "CACHED",
    "LEGACY",
    "PLAIN",
    "UDATA",
    "Fault",
    "Manners",
    "Night",
    "Portal",
    "Surface",
    "Truth",
    "World",
    "serve",
]
