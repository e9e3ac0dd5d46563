"""`harvester`, but its server waits for a second or two where the real one waits for half a minute."""

from functools import partial

from harvester.cli import main, serve_options
from harvester.serve.core.settings import ServeSettings

if __name__ == "__main__":
    serve_options.ServeSettings = partial(ServeSettings, request_s=2.0, stall_s=2.0)
    main()
