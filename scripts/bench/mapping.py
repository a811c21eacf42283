"""Holds the answers of a run against the truth of the generated estate."""

import collections

AMBIGUOUS = {"several-candidates", "confidence-too-low", "two-owners"}


def judge(output, truth):
    """How many findings were led to the very instance that made them, to several, to none, to a wrong one.

    Gives the counts and the wrong ones in words.
    """
    counts = collections.Counter(exact=0, ambiguous=0, none=0, strays_left_alone=0, wrong=0)
    wrong = []
    seen = set()
    for outcome in output["outcomes"]:
        key = outcome["finding"]["key"]
        finding = key[key.index("arn:") :]
        expected = truth[finding]
        seen.add(finding)
        found = (outcome.get("root"), outcome.get("address"))
        if expected["address"] is None:
            if outcome["address"] is None:
                counts["strays_left_alone"] += 1
            else:
                counts["wrong"] += 1
                wrong.append(f"{outcome['finding']['resource']} is in no code, and was led to {found}")
        elif outcome["address"] is not None:
            if found == (expected["root"], expected["address"]):
                counts["exact"] += 1
            else:
                counts["wrong"] += 1
                wrong.append(f"{outcome['finding']['resource']} was led to {found}, made by {expected}")
        elif (outcome.get("reason") or {}).get("kind") in AMBIGUOUS:
            counts["ambiguous"] += 1
        else:
            counts["none"] += 1
    missing = len(truth) - len(seen)
    if missing:
        wrong.append(f"{missing} findings have no outcome")
        counts["wrong"] += missing
    return dict(counts), wrong
