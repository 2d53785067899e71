"""The plan: the order of the steps, and the place of each value in memory."""
