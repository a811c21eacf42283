"""Findings as Google Cloud Security Command Center sends them. Written after Google's documentation, not
recorded: there is no scanner for GCP that runs without a project."""

import hashlib

ORGANIZATION = "organizations/987654321098"
SOURCE = f"{ORGANIZATION}/sources/1122334455667788990"  # Security Health Analytics
PROJECT = "acme-analytics"
PROJECT_NUMBER = "246813579024"


def finding(bucket, state="ACTIVE", mute="UNDEFINED"):
    """A PUBLIC_BUCKET_ACL finding about one bucket, with the resource beside it."""
    number = hashlib.sha256(bucket.encode()).hexdigest()[:32]
    resource = f"//storage.googleapis.com/{bucket}"
    project = f"//cloudresourcemanager.googleapis.com/projects/{PROJECT_NUMBER}"
    return {
        "finding": {
            "name": f"{SOURCE}/findings/{number}",
            "canonicalName": f"projects/{PROJECT_NUMBER}/sources/1122334455667788990/findings/{number}",
            "parent": SOURCE,
            "resourceName": resource,
            "state": state,
            "category": "PUBLIC_BUCKET_ACL",
            "externalUri": f"https://console.cloud.google.com/storage/browser/{bucket}",
            "sourceProperties": {
                "ReactivationCount": 0.0,
                "ExceptionInstructions": 'Add the security mark "allow_public_bucket_acl" to the asset with a value of "true" to prevent this finding from being activated again.',
                "SeverityLevel": "High",
                "ProjectId": PROJECT,
                "AssetCreationTime": "2024-03-18T09:22:10.114Z",
                "ScannerName": "STORAGE_SCANNER",
                "ScanRunId": "2026-11-20T03:10:02.512-08:00",
                "Explanation": 'This bucket is public and anyone on the Internet can access it. "AllUsers" represents anyone on the Internet, and "allAuthenticatedUsers" represents anyone who is authenticated with a Google account; neither is constrained to users within your organization.',
            },
            "securityMarks": {"name": f"{SOURCE}/findings/{number}/securityMarks"},
            "eventTime": "2026-11-20T11:10:02.512Z",
            "createTime": "2026-09-14T11:10:31.776Z",
            "severity": "HIGH",
            "mute": mute,
            "findingClass": "MISCONFIGURATION",
            "compliances": [{"standard": "cis", "version": "1.2", "ids": ["5.1"]}],
            "parentDisplayName": "Security Health Analytics",
            "description": "Buckets should not be publicly accessible.",
        },
        "resource": {
            "name": resource,
            "project": project,
            "projectDisplayName": PROJECT,
            "parent": project,
            "parentDisplayName": PROJECT,
            "type": "google.cloud.storage.Bucket",
            "displayName": bucket,
            "cloudProvider": "GOOGLE_CLOUD_PLATFORM",
            "location": "EU",
        },
    }


def listing(records):
    """The answer of `organizations.sources.findings.list`."""
    return {
        "listFindingsResults": [{"stateChange": "UNUSED"} | record for record in records],
        "readTime": "2026-11-20T12:00:00.000Z",
        "totalSize": len(records),
    }


def notification(record):
    """One message of a notification config (what Pub/Sub carries, decoded)."""
    return {"notificationConfigName": f"{ORGANIZATION}/notificationConfigs/tfmend"} | record
