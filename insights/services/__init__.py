"""What writes insights: the nightly job's snapshots and forecasts."""
