"""The dashboard on a server before which no guard stands: `unguarded.py PORT`."""

import os
import sys

os.environ["SOLARA_APP"] = "model.views.app"

import model.views.app  # noqa: F401  (there is no server yet, so no guard is put before it)

if __name__ == "__main__":
    import uvicorn
    from solara.server import starlette

    print(f"at http://127.0.0.1:{sys.argv[1]}/", flush=True)
    uvicorn.run(starlette.app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
