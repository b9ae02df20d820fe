"""Into a prefix and out again."""
