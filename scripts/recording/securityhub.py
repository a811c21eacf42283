"""Findings in the shapes AWS Security Hub itself sends. Written after AWS's documentation, not recorded:
there is no Security Hub in moto. The resources and their ids are those of the recorded estate."""

import datetime
import uuid
from dataclasses import dataclass, field

from .controls import CONTROLS, FSBP

# Fixed, so that a new recording differs only where the cloud differs.
FIRST_SEEN = "2026-09-14T07:12:41.903Z"
UPDATED = "2026-11-20T04:31:09.114Z"


@dataclass(frozen=True)
class Native:
    """One finding to write: a control about one resource of the estate."""

    control: str
    account: str
    region: str
    kind: str  # ASFF resource type
    resource: str  # ARN, or AWS::::Account:<id>
    details: dict = field(default_factory=dict)
    tags: dict = field(default_factory=dict)
    status: str = "FAILED"
    workflow: str = "NEW"
    record_state: str = "ACTIVE"
    older: str = ""  # "fsbp" or "cis-1.2": written per standard, as without consolidated controls


def finding(native):
    """One record in ASFF."""
    control = CONTROLS[native.control]
    hub = f"arn:aws:securityhub:{native.region}:{native.account}"
    number = uuid.uuid5(uuid.NAMESPACE_URL, f"{native.control} {native.resource} {native.older}")
    product = f"arn:aws:securityhub:{native.region}::product/aws/securityhub"
    if native.older == "fsbp":
        identity = (
            f"{hub}:subscription/aws-foundational-security-best-practices/v/1.0.0/{native.control}/finding/{number}"
        )
        generator = f"aws-foundational-security-best-practices/v/1.0.0/{native.control}"
        title = f"{native.control} {control.title}"
        fields = {
            "StandardsArn": f"arn:aws:securityhub:::{FSBP}",
            "StandardsSubscriptionArn": f"{hub}:subscription/aws-foundational-security-best-practices/v/1.0.0",
            "ControlId": native.control,
        }
        compliance = {"Status": native.status}
    elif native.older == "cis-1.2":
        rule = {"EC2.13": "4.1", "EC2.14": "4.2", "KMS.4": "2.8", "CloudTrail.4": "2.2"}[native.control]
        identity = f"{hub}:subscription/cis-aws-foundations-benchmark/v/1.2.0/{rule}/finding/{number}"
        generator = f"arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/{rule}"
        title = f"{rule} {control.title}"
        fields = {
            "StandardsGuideArn": "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0",
            "StandardsGuideSubscriptionArn": f"{hub}:subscription/cis-aws-foundations-benchmark/v/1.2.0",
            "RuleId": rule,
        }
        compliance = {"Status": native.status}
    else:
        identity = f"{hub}:security-control/{native.control}/finding/{number}"
        generator = f"security-control/{native.control}"
        title = control.title
        fields = {}
        compliance = {
            "Status": native.status,
            "SecurityControlId": native.control,
            "AssociatedStandards": [{"StandardsId": standard} for standard in control.standards],
        }
    if control.requirements:
        compliance["RelatedRequirements"] = list(control.requirements)
    label = "INFORMATIONAL" if native.status == "PASSED" else control.label
    weight = {"INFORMATIONAL": 0, "LOW": 1, "MEDIUM": 40, "HIGH": 70, "CRITICAL": 90}[label]
    url = f"https://docs.aws.amazon.com/console/securityhub/{native.control}/remediation"
    resource = {
        "Type": native.kind,
        "Id": native.resource,
        "Partition": "aws",
        "Region": native.region,
    }
    if native.tags:
        resource["Tags"] = native.tags
    if native.details:
        resource["Details"] = {native.kind: native.details}
    return {
        "SchemaVersion": "2018-10-08",
        "Id": identity,
        "ProductArn": product,
        "ProductName": "Security Hub",
        "CompanyName": "AWS",
        "Region": native.region,
        "GeneratorId": generator,
        "AwsAccountId": native.account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "FirstObservedAt": FIRST_SEEN,
        "LastObservedAt": UPDATED,
        "CreatedAt": FIRST_SEEN,
        "UpdatedAt": UPDATED,
        "Severity": {"Label": label, "Normalized": weight, "Original": label},
        "Title": title,
        "Description": control.about,
        "Remediation": {
            "Recommendation": {
                "Text": "For information on how to correct this issue, consult the AWS Security Hub controls documentation.",
                "Url": url,
            }
        },
        "ProductFields": fields
        | {
            "RelatedAWSResources:0/name": f"securityhub-{control.config_rule}-{number.hex[:6]}",
            "RelatedAWSResources:0/type": "AWS::Config::ConfigRule",
            "aws/securityhub/ProductName": "Security Hub",
            "aws/securityhub/CompanyName": "AWS",
            "aws/securityhub/FindingId": f"{product}/{identity}",
            "Resources:0/Id": native.resource,
        },
        "Resources": [resource],
        "Compliance": compliance,
        "WorkflowState": "NEW",
        "Workflow": {"Status": native.workflow},
        "RecordState": native.record_state,
        "FindingProviderFields": {
            "Severity": {"Label": label, "Original": label},
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        },
        "ProcessedAt": UPDATED,
    }


def unused_role(account, region, arn, name):
    """A finding of IAM Access Analyzer, as Security Hub shows it."""
    number = uuid.uuid5(uuid.NAMESPACE_URL, f"unused {arn}")
    analyzer = f"arn:aws:access-analyzer:{region}:{account}:analyzer/unused-access"
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"{analyzer}/finding/{number}",
        "ProductArn": f"arn:aws:securityhub:{region}::product/aws/access-analyzer",
        "ProductName": "IAM Access Analyzer",
        "CompanyName": "AWS",
        "Region": region,
        "GeneratorId": "aws/access-analyzer",
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices/Unused IAM Role"],
        "CreatedAt": FIRST_SEEN,
        "UpdatedAt": UPDATED,
        "Severity": {"Label": "LOW", "Normalized": 1, "Product": 0},
        "Title": f"AwsIamRole/{arn}/ is unused",
        "Description": f"AWS::IAM::Role/{arn}/ has not been used in the past 90 days",
        "Remediation": {
            "Recommendation": {
                "Text": "For more information on how to remediate this finding, see the IAM Access Analyzer documentation.",
                "Url": f"https://console.aws.amazon.com/access-analyzer/home?region={region}#/findings/details/{number}",
            }
        },
        "SourceUrl": f"https://console.aws.amazon.com/access-analyzer/home?region={region}#/findings/details/{number}",
        "ProductFields": {
            "aws/securityhub/ProductName": "IAM Access Analyzer",
            "aws/securityhub/CompanyName": "AWS",
            "aws/securityhub/FindingId": f"arn:aws:securityhub:{region}::product/aws/access-analyzer/{analyzer}/finding/{number}",
        },
        "Resources": [
            {
                "Type": "AwsIamRole",
                "Id": arn,
                "Partition": "aws",
                "Region": region,
                "Details": {"AwsIamRole": {"RoleName": name, "Path": "/"}},
            }
        ],
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        "ProcessedAt": UPDATED,
    }


def milliseconds(moment):
    return round(datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() * 1000)


def event(record, detail_type="Security Hub Findings - Imported"):
    """The EventBridge envelope of one finding."""
    detail = {"findings": [record]}
    resources = [f"{record['ProductArn']}/{record['Id']}"]
    if detail_type.endswith("Custom Action"):
        action = f"arn:aws:securityhub:{record['Region']}:{record['AwsAccountId']}:action/custom/FixInTerraform"
        detail = {"actionName": "Fix in Terraform", "actionDescription": "Opens a pull request"} | detail
        resources = [action]
    return {
        "version": "0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{detail_type} {record['Id']}")),
        "detail-type": detail_type,
        "source": "aws.securityhub",
        "account": record["AwsAccountId"],
        "time": UPDATED[:19] + "Z",
        "region": record["Region"],
        "resources": resources,
        "detail": detail,
    }


def event_v2(native, cloud_type):
    """`Findings Imported V2`: the new Security Hub's OCSF (1.6) compliance finding in its envelope."""
    control = CONTROLS[native.control]
    number = uuid.uuid5(uuid.NAMESPACE_URL, f"v2 {native.control} {native.resource}").hex
    severity = {"LOW": 2, "MEDIUM": 3, "HIGH": 4, "CRITICAL": 5}[control.label]
    identity = f"arn:aws:securityhub:{native.region}:{native.account}:security-control/{native.control}/finding/{uuid.UUID(number)}"
    record = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_name": "Findings",
        "category_uid": 2,
        "class_name": "Compliance Finding",
        "class_uid": 2003,
        "type_name": "Compliance Finding: Create",
        "type_uid": 200301,
        "cloud": {
            "account": {"type": "AWS Account", "type_id": 10, "uid": native.account},
            "provider": "AWS",
            "region": native.region,
        },
        "compliance": {
            "assessments": [{"desc": control.config_rule, "meets_criteria": False, "name": control.config_rule}],
            "control": native.control,
            "requirements": list(control.requirements),
            "standards": list(control.standards),
            "status": "Fail",
            "status_id": 3,
        },
        "finding_info": {
            "analytic": {
                "name": f"security-control/{native.control}",
                "type": "Rule",
                "type_id": 1,
                "uid": f"security-control/{native.control}",
            },
            "created_time": milliseconds(FIRST_SEEN),
            "created_time_dt": FIRST_SEEN,
            "desc": control.about,
            "first_seen_time_dt": FIRST_SEEN,
            "last_seen_time_dt": UPDATED,
            "modified_time_dt": UPDATED,
            "title": control.title,
            "types": ["Posture Management"],
            "uid": identity,
        },
        "metadata": {
            "product": {
                "name": "Security Hub CSPM",
                "uid": f"arn:aws:securityhub:{native.region}::productv2/aws/securityhub-cspm",
                "vendor_name": "AWS",
            },
            "profiles": ["cloud", "datetime", "vendor_attributes"],
            "uid": number,
            "version": "1.6.0",
        },
        "remediation": {
            "desc": "Consult the controls documentation.",
            "references": [f"https://docs.aws.amazon.com/console/securityhub/{native.control}/remediation"],
        },
        "resources": [
            {
                "cloud_partition": "aws",
                "name": native.resource.rsplit(":", 1)[-1],
                "owner": {"account": {"uid": native.account}},
                "region": native.region,
                "type": cloud_type,
                "uid": native.resource,
            }
        ],
        "severity": control.label.title(),
        "severity_id": severity,
        "status": "New",
        "status_id": 1,
        "time": milliseconds(UPDATED),
        "time_dt": UPDATED,
        "vendor_attributes": {"severity": control.label.title(), "severity_id": severity},
    }
    return {
        "version": "0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"event {number}")),
        "detail-type": "Findings Imported V2",
        "source": "aws.securityhub",
        "account": native.account,
        "time": UPDATED[:19] + "Z",
        "region": native.region,
        "resources": [number],
        "detail": {"findings": [record]},
    }
