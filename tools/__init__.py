"""What makes the weights and the samples that the course ships; not in the wheel."""
