"""What stands behind each vendor in the contract suite: one file a vendor."""
