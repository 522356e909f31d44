"""One file a step; the first makes everything."""
