"""The stories that scripts/story.py tells."""
