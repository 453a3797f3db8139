"""python -m hoverslide_distill <step> ..."""

import sys

from .cli import main

sys.exit(main())
