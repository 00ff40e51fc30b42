"""The SME's workspace: its claim, its public profile, and what it gets back. A module of views a thing that it does."""

from portal.suppliers import badge, home, reminders, standing, why
from portal.suppliers.blueprint import blueprint

__all__ = ["badge", "blueprint", "home", "reminders", "standing", "why"]
