"""The SME's workspace: its claim, its public profile, and what it gets back. A module of views a thing that it does."""

from portal.suppliers import appearances, home, inquiries, near_misses, own_data
from portal.suppliers.blueprint import blueprint

__all__ = ["appearances", "blueprint", "home", "inquiries", "near_misses", "own_data"]
