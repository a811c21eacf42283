# the last one wins
public = true
