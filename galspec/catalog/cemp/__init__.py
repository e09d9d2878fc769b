"""The search for carbon-enhanced metal-poor stars."""
