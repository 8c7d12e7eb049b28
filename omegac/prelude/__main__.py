"""`python -m omegac.prelude`."""

import re

from omega_runtime.version import INTERFACE

from omegac.prelude import TARGET, compiled_prelude

# The one that is there is imported on the way, also when it's of another interface.
there = TARGET.read_text(encoding="utf-8")
TARGET.write_text(re.sub(r'(compiled_by\("[^"]+", )\d+', rf"\g<1>{INTERFACE}", there), encoding="utf-8")
TARGET.write_text(compiled_prelude(), encoding="utf-8")
