"""Code tables of the state: divisions, industries, size classes, identifiers. Facts only, no explanatory notes."""
