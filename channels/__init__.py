"""Hand messages to a provider and say what became of them."""
