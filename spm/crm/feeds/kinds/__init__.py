"""What each kind of facts consists of, a file per part of the trade."""
