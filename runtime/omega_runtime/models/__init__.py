"""Language models: requests, replies and the providers that answer them."""
