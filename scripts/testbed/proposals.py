"""tfmend itself: open pull requests from findings, merge them, until it has nothing more to open.

Two pull requests may add to the same place; then the second conflicts once the first is merged, and
tfmend has to re-create it from the new base. Limits let only some pull requests be open at a time.
So it is run again and again, as a scheduled workflow would, and must come to rest.
"""

import json
from dataclasses import dataclass, field

from .command import CommandFailed, run

MOST_ROUNDS = 25


@dataclass
class Proposals:
    outcomes: dict = field(default_factory=dict)  # (check, resource) → outcome of the run that proposed it, else the last
    merged: list = field(default_factory=list)
    rounds: int = 0
    at_rest: dict = field(default_factory=dict)  # (check, resource) → outcome of the last run


def problem_of(outcome):
    finding = outcome["finding"]
    check = (finding.get("control") or "").removeprefix("prowler-")
    return check, finding.get("resource") or ""


def by_problem(output):
    """What became of each problem. The same one in a second format is a duplicate: the first counts."""
    found = {}
    for outcome in output["outcomes"]:
        if outcome["outcome"] != "duplicate":
            found.setdefault(problem_of(outcome), outcome)
    return found


def open_and_merge(tfmend, repository, state, findings, say):
    proposals = Proposals()
    while proposals.rounds < MOST_ROUNDS:
        proposals.rounds += 1
        output = propose(tfmend, repository, state, findings)
        proposals.at_rest = by_problem(output)
        for problem, outcome in proposals.at_rest.items():
            if proposals.outcomes.get(problem, {}).get("outcome") != "proposed":
                proposals.outcomes[problem] = outcome
        fresh = [change["id"] for change in output["changes"] if change["step"] in ("open", "update")]
        if not fresh:
            return proposals
        merged = [branch for branch in fresh if repository.merge(branch)]
        proposals.merged += merged
        say(f"round {proposals.rounds}: {len(fresh)} pull requests, {len(merged)} merged")
        if not merged:
            raise CommandFailed(f"none of these branches merges into main: {', '.join(fresh)}")
    raise CommandFailed(f"after {MOST_ROUNDS} rounds tfmend still opens pull requests: {', '.join(fresh)}")


def propose(tfmend, repository, state, findings):
    command = [
        tfmend, "pr", "--findings", *findings, "--repo", repository.clone, "--state", state,
        "--profile", "all", "--forge", f"local:{repository.forge}", "--format", "json",
    ]  # fmt: skip
    _, stdout, stderr = run(command)
    try:
        output = json.loads(stdout)
    except ValueError as problem:
        raise CommandFailed(f"tfmend pr --format json printed no JSON ({problem}):\n{stdout[:500]}\n{stderr[-2000:]}") from problem
    if output["summary"]["failed"]:
        failed = [o for o in output["outcomes"] if o["outcome"] == "failed"]
        raise CommandFailed(f"tfmend failed on {len(failed)} findings, the first: {json.dumps(failed[0])[:1500]}")
    repository.is_clean()
    return output
