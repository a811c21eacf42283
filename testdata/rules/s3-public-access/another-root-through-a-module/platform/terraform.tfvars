buckets = ["acme-data", "acme-logs"]
