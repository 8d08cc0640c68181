"""Makes the demo shop's accounts; see ../generate_accounts.py."""
