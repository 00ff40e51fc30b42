"""What a firm says of itself: its content, what of it may be written, how two editors' work is joined, and the one
place that says what of it is shown to whom (`portal.profiles.visible`). Knows nothing of Flask.
"""
