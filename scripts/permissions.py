#!/usr/bin/env python3
"""docs/permissions.md, made from what tfmend was seen to call.

    scripts/permissions.py --recorded DIR            write the page
    scripts/permissions.py --recorded DIR --check    fail when the committed page is another

The tests and stories run against emulators that record every request (TFMEND_RECORDED=DIR). This turns
the records into the list of GitHub endpoints and AWS actions, and the least permissions that they need.
An endpoint that is not in the tables below is an error: somebody has to look up what it needs.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"

# Repository permissions of a GitHub App, by operation id of GitHub's OpenAPI description, from GitHub's
# page "Permissions required for GitHub Apps". Of alternatives the one that tfmend has anyway is named.
GITHUB = {
    "apps/create-installation-access-token": "app",
    "apps/get-authenticated": "app",
    "apps/get-repo-installation": "app",
    "apps/list-repos-accessible-to-installation": "metadata: read",
    "git/create-blob": "contents: write",
    "git/create-commit": "contents: write",
    "git/create-ref": "contents: write",
    "git/create-tree": "contents: write",
    "git/delete-ref": "contents: write",
    "git/get-blob": "contents: read",
    "git/get-commit": "contents: read",
    "git/get-ref": "contents: read",
    "git/get-tree": "contents: read",
    "git/list-matching-refs": "contents: read",
    "git/update-ref": "contents: write",
    "issues/add-labels": "pull requests: write",
    "issues/create": "issues: write",
    "issues/create-comment": "pull requests: write",
    "issues/create-label": "pull requests: write",
    "issues/delete-comment": "pull requests: write",
    "issues/get": "issues: read",
    "issues/get-label": "pull requests: read",
    "issues/list-comments": "pull requests: read",
    "issues/list-for-repo": "issues: read",
    "issues/list-labels-for-repo": "pull requests: read",
    "issues/list-labels-on-issue": "pull requests: read",
    "issues/update": "issues: write",
    "issues/update-comment": "pull requests: write",
    "pulls/create": "pull requests: write",
    "pulls/get": "pull requests: read",
    "pulls/list": "pull requests: read",
    "pulls/list-commits": "pull requests: read",
    "pulls/list-files": "pull requests: read",
    "pulls/update": "pull requests: write",
    "rate-limit/get": "none",
    "repos/compare-commits-with-basehead": "contents: read",
    "repos/get": "metadata: read",
    "repos/get-branch": "contents: read",
    "repos/get-commit": "contents: read",
    "repos/get-content": "contents: read",
    "repos/list-commits": "contents: read",
    "repos/list-pull-requests-associated-with-commit": "pull requests: read",
    "users/get-authenticated": "none",
}
# IAM actions by service and operation: what a policy must allow, from the Service Authorization Reference.
AWS = {
    ("ec2", "AuthorizeSecurityGroupIngress"): ["ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags"],
    ("ec2", "DescribeNetworkInterfaces"): ["ec2:DescribeNetworkInterfaces"],
    ("ec2", "DescribeSecurityGroupRules"): ["ec2:DescribeSecurityGroupRules"],
    ("ec2", "DescribeSecurityGroups"): ["ec2:DescribeSecurityGroups"],
    ("ec2", "RevokeSecurityGroupIngress"): ["ec2:RevokeSecurityGroupIngress"],
    ("s3", "DeletePublicAccessBlock"): ["s3:PutBucketPublicAccessBlock"],
    ("s3", "GetBucketAcl"): ["s3:GetBucketAcl"],
    ("s3", "GetBucketLocation"): ["s3:GetBucketLocation"],
    ("s3", "GetBucketTagging"): ["s3:GetBucketTagging"],
    ("s3", "GetBucketWebsite"): ["s3:GetBucketWebsite"],
    ("s3", "GetObject"): ["s3:GetObject"],
    ("s3", "GetPublicAccessBlock"): ["s3:GetBucketPublicAccessBlock"],
    ("s3", "ListObjectsV2"): ["s3:ListBucket"],
    ("s3", "PutPublicAccessBlock"): ["s3:PutBucketPublicAccessBlock"],
    ("securityhub", "BatchUpdateFindings"): ["securityhub:BatchUpdateFindings"],
    ("securityhub", "BatchUpdateFindingsV2"): ["securityhub:BatchUpdateFindingsV2"],
    ("securityhub", "DescribeHub"): ["securityhub:DescribeHub"],
    ("securityhub", "DescribeSecurityHubV2"): ["securityhub:DescribeSecurityHubV2"],
    ("securityhub", "GetFindings"): ["securityhub:GetFindings"],
    ("securityhub", "GetFindingsV2"): ["securityhub:GetFindingsV2"],
    ("sts", "AssumeRole"): ["sts:AssumeRole"],
    ("sts", "GetCallerIdentity"): [],
}
# Called only when two runs race, so not in every recording: (method, endpoint), as GitHub's description has it.
RARE = {"issues/delete-comment": ("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}")}
CHANGES_RESOURCES = {"AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress", "PutPublicAccessBlock", "DeletePublicAccessBlock"}
READS_LIVE = {service for service, _ in AWS} - {"securityhub", "sts"}
READS_STATES = {("s3", "GetObject"), ("s3", "ListObjectsV2")}


def recorded(folder, name):
    for file in sorted(Path(folder).glob(f"{name}*.ndjson")):
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record.get("client") == "tfmend":
                yield record


def github(folder):
    seen = defaultdict(set)
    for record in recorded(folder, "github"):
        if record.get("operation"):
            seen[record["operation"]].add((record["method"], record["template"]))
    return seen


def aws(folder):
    return {(record["service"], record["action"]) for record in recorded(folder, "aws")}


def page(endpoints, calls):
    unknown = sorted(set(endpoints) - set(GITHUB)) + [f"{s}:{a}" for s, a in sorted(calls - set(AWS))]
    if unknown:
        sys.exit(f"permissions: not in the tables of scripts/permissions.py, look up what they need: {', '.join(unknown)}")
    least = sorted({GITHUB[o] for o in endpoints} - {"none", "app"})
    least = [p for p in least if not (p.endswith("read") and p.replace("read", "write") in least)]
    lines = [
        "# What tfmend calls, and the least permissions for it",
        "",
        "Generated by `make permissions` from the requests that the tests and stories recorded; `make test` fails when",
        "it is out of date. What is not listed here is not called.",
        "",
        "## GitHub",
        "",
        "Repository permissions of a GitHub App, or `permissions:` of a workflow's job:",
        "",
        *(f"- {p}" for p in least),
        "",
        "Cloning and pushing over HTTPS need contents: read and contents: write. Without issues: write there is no",
        "dashboard issue.",
        "",
        "| Method | Endpoint | Permission |",
        "|---|---|---|",
    ]
    rows = sorted((template, method, GITHUB[o]) for o, ways in endpoints.items() for method, template in ways)
    lines += [f"| {method} | `{template}` | {permission} |" for template, method, permission in rows]
    groups = {
        "Reading findings": [c for c in calls if c[0] in ("securityhub", "sts") and c[1] != "AssumeRole" and not c[1].startswith("BatchUpdate")],
        "Acknowledging findings (`--acknowledge`)": [c for c in calls if c[1].startswith("BatchUpdate")],
        "Reading states (`--state-from-backend`; the role that the backend names, else the caller)": [c for c in calls if c in READS_STATES],
        "Emergency: the person who runs `tfmend emergency`": [c for c in calls if c[1] == "AssumeRole"],
        "Emergency: the role in the account of the finding": [c for c in calls if c[0] in READS_LIVE and c not in READS_STATES],
    }
    lines += ["", "## AWS", ""]
    for title, group in groups.items():
        if not group:
            continue
        lines += [f"### {title}", "", "| Call | IAM action | Changes a resource |", "|---|---|---|"]
        for service, action in sorted(group):
            needs = ", ".join(f"`{a}`" for a in AWS[(service, action)]) or "none"
            lines.append(f"| {service} {action} | {needs} | {'yes' if action in CHANGES_RESOURCES else 'no'} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="the directory of the records")
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    options = parser.parse_args()
    endpoints, calls = github(options.recorded), aws(options.recorded)
    if endpoints:
        endpoints |= {operation: {way} for operation, way in RARE.items()}
    if not endpoints or not calls:
        print(f"SKIPPED: docs/permissions.md (nothing recorded in {options.recorded}: the emulators could not run)")
        return 0
    text = page(endpoints, calls)
    if not options.check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") != text:
        print("docs/permissions.md is out of date: run `make permissions` after `make test`, and look at what changed")
        return 1
    print(f"docs/permissions.md holds: {len(endpoints)} GitHub operations, {len(calls)} AWS actions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
