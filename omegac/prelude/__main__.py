"""`python -m omegac.prelude`."""

from omegac.prelude import TARGET, compiled_prelude

TARGET.write_text(compiled_prelude(), encoding="utf-8")
