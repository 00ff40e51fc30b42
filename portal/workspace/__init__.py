"""What buyers keep: shortlists, sourcing conditions and the like, each of one organisation. No Flask; views call it."""
