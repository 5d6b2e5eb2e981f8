"""What tells other systems: `events` writes what happened, `endpoints` say where to, `deliveries` carry it there."""
