"""Made-up businesses for `steward eval answers`: one module for each, all seeded."""
