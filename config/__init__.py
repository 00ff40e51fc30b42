"""How an installation differs from another: settings, catalogue, import mappings."""
