"""`make bench`: the figures the portal is held to, measured on this machine. Never part of the tests."""
