"""Into a prefix and out again: the guard against its running container, plan, receipt, undoing."""
