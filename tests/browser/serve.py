"""Serve an app on a free port of loopback, and print the address: `serve.py APP`."""

import os
import sys
from pathlib import Path

os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "false"
os.environ["SOLARA_MODE"] = "production"
os.environ["SOLARA_APP"] = sys.argv[1]
sys.path.insert(0, str(Path(__file__).parent))

from model.commands.dashboard import listen, serve

if __name__ == "__main__":
    listening = listen("127.0.0.1", 0)
    serve(listening, f"http://127.0.0.1:{listening.getsockname()[1]}/", opened=False)
