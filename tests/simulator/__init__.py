"""A synthetic udata portal on loopback, for tests and benchmarks: any size, any fault, and the truth of it.

It imitates what was measured on udata 17.18, quirks included; what a module imitates is said there.
"""

from tests.simulator.faults import Fault
from tests.simulator.manners import LEGACY, PLAIN, UDATA, Manners
from tests.simulator.server import Portal, serve
from tests.simulator.truth import Truth
from tests.simulator.world import World

__all__ = ["LEGACY", "PLAIN", "UDATA", "Fault", "Manners", "Portal", "Truth", "World", "serve"]
