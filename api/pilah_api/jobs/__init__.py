"""Work on batches: reading uploads, judging shards under leases, putting results together, handing them out."""
