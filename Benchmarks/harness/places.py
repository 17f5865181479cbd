"""Where things lie."""

import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent
ROOT = FOLDER.parent
WORK = FOLDER / ".work"
