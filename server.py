"""The dashboard: `python server.py`, which takes the options of `civa dashboard`.

Or as a Solara app, `solara run --no-check-version server.py`. Without that flag Solara asks for its
own newest version before anything of civa runs.
"""

import sys

# Solara executes this file under the name "__main__" too, but then it is not the main module.
if sys.modules["__main__"].__dict__ is globals():
    from civa import main

    sys.argv.insert(1, "dashboard")
    main()
else:
    from model.views.app import Page

    __all__ = ["Page"]
