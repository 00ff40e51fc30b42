"""Cases that staff decide: what a firm asks, the stages it passes, and who decides there. Knows nothing of Flask.

`cases` does things to a case, `stages` says who may, `reading` lists cases, `kinds` is what a kind brings along.
"""
