"""The emulated operations, by GitHub's own operation ids. Importing this registers all of them."""

from . import apps, comments, git_data, history, issues, labels, pulls, repositories  # noqa: F401
from .call import HANDLERS, Answer, Call  # noqa: F401
