# nothing of its own
