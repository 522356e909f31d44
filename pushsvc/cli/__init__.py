"""The `pushsvc` command."""
