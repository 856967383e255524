"""Serve an app on a free port of loopback, and print the address: `serve.py APP`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from model.commands.dashboard import listen, serve
from model.views.door.settings import from_environment

if __name__ == "__main__":
    serve(listen("127.0.0.1", 0), "127.0.0.1", from_environment(), app=sys.argv[1], opened=False)
