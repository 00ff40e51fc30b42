"""Questions and rows in, the frozen tree of `portal.web.tree` out. Templates and the API only display it."""
