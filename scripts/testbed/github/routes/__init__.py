"""The emulated operations, by GitHub's own operation ids. Importing this registers all of them."""

from . import apps, checks, comments, git_data, history, issues, labels, pulls, reactions, repositories  # noqa: F401
from .call import HANDLERS, Answer, Call  # noqa: F401
