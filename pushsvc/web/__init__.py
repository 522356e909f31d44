"""Pages and the HTTP API; calls the pipeline and reads through the store."""
