"""What compiled programs cost, compared with other ways to run the same program."""
