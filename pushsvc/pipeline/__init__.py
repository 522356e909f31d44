"""The path of a policy, one verb a file: ingest, publish, audience, plan, compose, deliver, receipt, learn, sweep."""
