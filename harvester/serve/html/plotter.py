"""pygal, without the finder of plugins that it leaves behind: Python 3.11 warns of it at each import."""

import sys

from pygal import HorizontalBar, Line
from pygal.style import Style

__all__ = ["HorizontalBar", "Line", "Style"]

sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]
