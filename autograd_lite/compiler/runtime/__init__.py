"""What happens when a program runs: feeds, chunks of steps, leaves that change."""
