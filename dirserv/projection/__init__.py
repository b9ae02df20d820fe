"""What the rest of the system reads of the directory, and edits behind its back."""
