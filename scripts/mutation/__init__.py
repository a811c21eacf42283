"""Mutation testing: the trimmed house, the switch that holds many mutants at once, and the judging."""
