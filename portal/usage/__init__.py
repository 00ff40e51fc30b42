"""What is counted of the portal's use (notes: rule 31): conditions that buyers search by, appearances of firms.

Never who. Every process notes what happened in a file of its own (`spool`), by name of nobody (`pseudonyms`); the
worker adds the files up (`adding`); what is told of it is told by one rule (`telling`). Without Flask.
"""
