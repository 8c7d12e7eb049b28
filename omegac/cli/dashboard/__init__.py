"""The page that `omegac ledger serve` serves."""
