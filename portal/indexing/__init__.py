"""From the register to the index: documents, the outbox, the worker that drains it, and the rebuild."""
