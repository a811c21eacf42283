"""A double of the part of GitHub that tfmend uses: its REST API and Git over HTTP, with state.

    description  GitHub's own OpenAPI description, made into JSON Schema (done once, cached)
    obedience    every request and every answer is held against it; what does not fit is a violation
    world        what exists: accounts, tokens, apps, repositories, pulls, issues, comments, labels
    storage      the bare Git repository behind each of them
    lifecycle    what happens to pull requests when refs move
    access       who a token is, what it sees and may do
    faults       what goes wrong on command
    views        objects of the world as GitHub words them
    routes       one module a part of the API
    transport    `git http-backend` behind the same tokens
    control      /_double: what a test says to the double, no part of GitHub
    server       the HTTP server that puts these in a row

Only the first is used outside the virtual environment of scripts/pins/github.txt.
"""
