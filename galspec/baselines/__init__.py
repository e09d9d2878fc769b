"""The classical methods that the networks are compared with."""
