"""The ledger on a PostgreSQL server, for the processes of many machines."""

from omega_runtime.ledger.errors import LedgerFileError

try:
    import psycopg  # noqa: F401
except ImportError:
    raise LedgerFileError("a ledger on a PostgreSQL server needs psycopg: pip install 'omegac[postgres]'") from None
