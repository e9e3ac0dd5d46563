"""Draw docs/images/demo.svg: what the demo and a query look like in a terminal.

python docs/picture.py
"""

import io
import os
import pty
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH, HEIGHT = 112, 60
HARVESTER = str(Path(sys.executable).parent / "harvester")


def in_terminal(*command: str) -> str:
    """Run a command in a pseudo-terminal; return what it shows, with colours."""
    shown = io.BytesIO()

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 1024)
        shown.write(data)
        return data

    search = f"{Path(HARVESTER).parent}:{os.environ['PATH']}"
    os.environ |= {"PATH": search, "COLUMNS": str(WIDTH), "LINES": str(HEIGHT), "TERM": "xterm-256color"}
    pty.spawn([HARVESTER, *command], read)
    return shown.getvalue().decode()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = f"{folder}/demo-catalogue"
        console = Console(
            record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
        )
        demo = in_terminal("demo", "--store", store).replace(folder, ".")
        # Keep the summary: bars are redrawn many times, and problems are long.
        summary = demo[demo.index("portal.test: published") :].split("Problems")[0]
        query = in_terminal("query", "most-reused-datasets", "--store", store)
        console.print(Text("$ make demo", style="bold green"))
        console.print(Text.from_ansi(summary.replace("\r", "")))
        console.print(Text("$ harvester query most-reused-datasets", style="bold green"))
        console.print(
            Text.from_ansi("\n".join(query.replace("\r", "").replace(folder, ".").splitlines()[:22]))
        )
        target = Path(__file__).parent / "images" / "demo.svg"
        target.write_text(console.export_svg(title="harvester"), encoding="utf-8")
        shutil.rmtree(store)


if __name__ == "__main__":
    main()
