# the default
