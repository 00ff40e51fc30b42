"""Coverage (认证覆盖情况): counts of the register by two dimensions, targets, and what they were. Without Flask."""
