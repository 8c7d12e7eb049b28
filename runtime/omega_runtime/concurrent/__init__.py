"""Work done by several threads at once: the pool of threads, concurrent maps, and what forbids them."""
