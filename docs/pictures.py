"""The figures of these pages, made again: `python docs/pictures.py`.

They are those of the report of `civa demo`, on white so that they can be read on a dark page. The
demo's residents are decided by the surrogate: they show a control, not a language model. The
numbers behind each lie in the report's tables. The dashboard's picture is made by
`python -m tests.browser.screenshot`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.image
import numpy as np

PICTURES = Path(__file__).parent / "pictures"
CIVA = Path(sys.executable).with_name("civa")
FIGURES = ("population", "conduct", "behaviours", "network", "case_study")


def main() -> None:
    """Run the demo and keep its figures."""
    with TemporaryDirectory() as folder:
        subprocess.run([CIVA, "demo", "--out", folder, "--quiet"], check=True)  # noqa: S603
        for name in FIGURES:
            picture = matplotlib.image.imread(Path(folder) / "report" / "figures" / f"{name}.png")
            alpha = picture[:, :, 3:]
            white = np.clip(picture[:, :, :3] * alpha + (1 - alpha), 0, 1)
            matplotlib.image.imsave(PICTURES / f"{name}.png", white)


if __name__ == "__main__":
    main()
