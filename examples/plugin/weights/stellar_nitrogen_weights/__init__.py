"""Weights of StellarNitrogen: see `galspec info stellar-nitrogen`."""
