"""Who someone is: sign-in names, passwords, second factors, sessions, and how people join an organisation. No Flask.

What changes something is a function on a session whose transaction writes (`begin_write`); the caller commits. Each of
them writes its line of the audit log.
"""
