"""What an SME keeps and gets back: its claim, profile, inquiries and standing. Knows nothing of Flask."""
