"""Maps whose calls other processes make, on this machine or others; what starts those is an engine such as Ray."""
