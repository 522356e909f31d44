"""Given ids, tokens and interactions: rank, explain, evaluate."""
