"""What staff do with the register and its log, without Flask: the jobs of the log, and the acts of care."""
