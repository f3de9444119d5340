"""Human corrections: who is who, kept apart from what the API said, and the reading of both."""
