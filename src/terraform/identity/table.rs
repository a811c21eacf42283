//! The rows: data only. To add a type, add a row; keep rows of a service together.

use super::{Scope, TypeIdentity};
use Scope::{Account, Global, Parent, Region};

const EMPTY: TypeIdentity = TypeIdentity {
    kind: "",
    service: "",
    shapes: &[],
    name: "",
    prefix: "",
    scope: Region,
    id_prefix: "",
    strip: "",
    arn: "arn",
    owner: None,
    lower: false,
};

/// An object whose name the author chooses.
const fn named(
    kind: &'static str,
    service: &'static str,
    shapes: &'static [&'static str],
    name: &'static str,
    prefix: &'static str,
    scope: Scope,
) -> TypeIdentity {
    TypeIdentity {
        kind,
        service,
        shapes,
        name,
        prefix,
        scope,
        ..EMPTY
    }
}

/// As [`named`], for a service that keeps names in lower case.
const fn lower(
    kind: &'static str,
    service: &'static str,
    shapes: &'static [&'static str],
    name: &'static str,
    prefix: &'static str,
    scope: Scope,
) -> TypeIdentity {
    TypeIdentity {
        lower: true,
        ..named(kind, service, shapes, name, prefix, scope)
    }
}

/// An object whose only identifier the cloud gives.
const fn opaque(
    kind: &'static str,
    service: &'static str,
    shapes: &'static [&'static str],
    id_prefix: &'static str,
) -> TypeIdentity {
    TypeIdentity {
        kind,
        service,
        shapes,
        id_prefix,
        ..EMPTY
    }
}

/// A part of another object, which a finding about that object may mean.
const fn part(kind: &'static str, attribute: &'static str, owner: &'static str) -> TypeIdentity {
    TypeIdentity {
        kind,
        owner: Some((attribute, owner)),
        // No bare id is read as such a part's own id.
        id_prefix: "\0",
        ..EMPTY
    }
}

/// Types that are another type under an older name.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("aws_alb", "aws_lb"),
    ("aws_alb_listener", "aws_lb_listener"),
    ("aws_alb_target_group", "aws_lb_target_group"),
];

/// Types of which two may hold one cloud object: one creates it and another adopts it, or one API makes both.
pub(super) const RIVALS: &[&[&str]] = &[
    &["aws_security_group", "aws_default_security_group"],
    &["aws_vpc", "aws_default_vpc"],
    &["aws_subnet", "aws_default_subnet"],
    &["aws_network_acl", "aws_default_network_acl"],
    &["aws_route_table", "aws_default_route_table"],
    &["aws_vpc_dhcp_options", "aws_default_vpc_dhcp_options"],
    &[
        "aws_rds_cluster",
        "aws_docdb_cluster",
        "aws_neptune_cluster",
    ],
    &[
        "aws_db_instance",
        "aws_rds_cluster_instance",
        "aws_docdb_cluster_instance",
        "aws_neptune_cluster_instance",
    ],
    &["aws_db_snapshot", "aws_db_snapshot_copy"],
    &[
        "aws_ebs_snapshot",
        "aws_ebs_snapshot_copy",
        "aws_ebs_snapshot_import",
    ],
    &["aws_ami", "aws_ami_copy", "aws_ami_from_instance"],
    &[
        "aws_kms_key",
        "aws_kms_external_key",
        "aws_kms_replica_key",
        "aws_kms_replica_external_key",
    ],
    &["aws_elasticsearch_domain", "aws_opensearch_domain"],
    &["aws_iam_role", "aws_iam_service_linked_role"],
    &["aws_instance", "aws_spot_instance_request"],
];

/// What an object makes beside itself: by its type, path of the attribute with the id, and the type that manages it.
pub(super) const MADE: &[(&str, &[(&str, &str)])] = &[
    ("aws_vpc", VPC),
    ("aws_default_vpc", VPC),
    (
        "aws_instance",
        &[
            ("root_block_device.volume_id", "aws_ebs_volume"),
            ("ebs_block_device.volume_id", "aws_ebs_volume"),
            ("primary_network_interface_id", "aws_network_interface"),
        ],
    ),
    (
        "aws_spot_instance_request",
        &[("spot_instance_id", "aws_instance")],
    ),
    (
        "aws_nat_gateway",
        &[("network_interface_id", "aws_network_interface")],
    ),
    (
        "aws_eks_cluster",
        &[("vpc_config.cluster_security_group_id", "aws_security_group")],
    ),
    (
        "aws_db_instance",
        &[("master_user_secret.secret_arn", "aws_secretsmanager_secret")],
    ),
    (
        "aws_rds_cluster",
        &[("master_user_secret.secret_arn", "aws_secretsmanager_secret")],
    ),
];

const VPC: &[(&str, &str)] = &[
    ("default_security_group_id", "aws_default_security_group"),
    ("default_network_acl_id", "aws_default_network_acl"),
    ("default_route_table_id", "aws_default_route_table"),
];

#[rustfmt::skip] // one row a line, so that the table reads as one
pub(super) const ROWS: &[TypeIdentity] = &[
    // S3 and its split resources
    named("aws_s3_bucket", "s3", &["{name}"], "bucket", "bucket_prefix", Global),
    part("aws_s3_bucket_accelerate_configuration", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_acl", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_cors_configuration", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_lifecycle_configuration", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_logging", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_notification", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_object_lock_configuration", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_ownership_controls", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_policy", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_public_access_block", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_replication_configuration", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_request_payment_configuration", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_server_side_encryption_configuration", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_versioning", "bucket", "aws_s3_bucket"),
    part("aws_s3_bucket_website_configuration", "bucket", "aws_s3_bucket"),
    named("aws_s3_access_point", "s3", &["accesspoint/{name}"], "name", "", Region),
    // IAM
    named("aws_iam_role", "iam", &["role/{path}{name}"], "name", "name_prefix", Account),
    named("aws_iam_user", "iam", &["user/{path}{name}"], "name", "", Account),
    named("aws_iam_group", "iam", &["group/{path}{name}"], "name", "", Account),
    named("aws_iam_policy", "iam", &["policy/{path}{name}"], "name", "name_prefix", Account),
    named("aws_iam_instance_profile", "iam", &["instance-profile/{path}{name}"], "name", "name_prefix", Account),
    named("aws_iam_server_certificate", "iam", &["server-certificate/{path}{name}"], "name", "name_prefix", Account),
    named("aws_iam_service_linked_role", "iam", &["role/aws-service-role/{*}/{name}"], "name", "", Account),
    TypeIdentity { id_prefix: "AKIA|ASIA", ..part("aws_iam_access_key", "user", "aws_iam_user") },
    part("aws_iam_user_login_profile", "user", "aws_iam_user"),
    part("aws_iam_user_policy", "user", "aws_iam_user"),
    part("aws_iam_user_policy_attachment", "user", "aws_iam_user"),
    part("aws_iam_group_policy", "group", "aws_iam_group"),
    part("aws_iam_group_policy_attachment", "group", "aws_iam_group"),
    part("aws_iam_group_membership", "group", "aws_iam_group"),
    part("aws_iam_user_policies_exclusive", "user_name", "aws_iam_user"),
    part("aws_iam_user_policy_attachments_exclusive", "user_name", "aws_iam_user"),
    part("aws_iam_role_policies_exclusive", "role_name", "aws_iam_role"),
    part("aws_iam_role_policy_attachments_exclusive", "role_name", "aws_iam_role"),
    part("aws_iam_role_policy", "role", "aws_iam_role"),
    part("aws_iam_role_policy_attachment", "role", "aws_iam_role"),
    // RDS, DocumentDB, Neptune
    lower("aws_db_instance", "rds", &["db:{name}"], "identifier", "identifier_prefix", Region),
    lower("aws_rds_cluster", "rds", &["cluster:{name}"], "cluster_identifier", "cluster_identifier_prefix", Region),
    lower("aws_rds_cluster_instance", "rds", &["db:{name}"], "identifier", "identifier_prefix", Region),
    lower("aws_rds_global_cluster", "rds", &["global-cluster:{name}"], "global_cluster_identifier", "", Account),
    lower("aws_docdb_cluster", "rds", &["cluster:{name}"], "cluster_identifier", "cluster_identifier_prefix", Region),
    lower("aws_docdb_cluster_instance", "rds", &["db:{name}"], "identifier", "identifier_prefix", Region),
    lower("aws_neptune_cluster", "rds", &["cluster:{name}"], "cluster_identifier", "cluster_identifier_prefix", Region),
    lower("aws_neptune_cluster_instance", "rds", &["db:{name}"], "identifier", "identifier_prefix", Region),
    TypeIdentity { arn: "db_snapshot_arn", ..lower("aws_db_snapshot", "rds", &["snapshot:{name}"], "db_snapshot_identifier", "", Region) },
    TypeIdentity { arn: "target_db_snapshot_arn", ..lower("aws_db_snapshot_copy", "rds", &["snapshot:{name}"], "target_db_snapshot_identifier", "", Region) },
    TypeIdentity { arn: "db_cluster_snapshot_arn", ..lower("aws_db_cluster_snapshot", "rds", &["cluster-snapshot:{name}"], "db_cluster_snapshot_identifier", "", Region) },
    lower("aws_db_subnet_group", "rds", &["subgrp:{name}"], "name", "name_prefix", Region),
    lower("aws_db_parameter_group", "rds", &["pg:{name}"], "name", "name_prefix", Region),
    lower("aws_rds_cluster_parameter_group", "rds", &["cluster-pg:{name}"], "name", "name_prefix", Region),
    lower("aws_db_option_group", "rds", &["og:{name}"], "name", "name_prefix", Region),
    lower("aws_db_event_subscription", "rds", &["es:{name}"], "name", "name_prefix", Region),
    // EC2 and VPC
    opaque("aws_instance", "ec2", &["instance/{id}"], "i-"),
    TypeIdentity { name: "name", prefix: "name_prefix", scope: Parent, ..opaque("aws_security_group", "ec2", &["security-group/{id}"], "sg-") },
    opaque("aws_default_security_group", "ec2", &["security-group/{id}"], "sg-"),
    part("aws_security_group_rule", "security_group_id", "aws_security_group"),
    TypeIdentity { owner: Some(("security_group_id", "aws_security_group")), ..opaque("aws_vpc_security_group_ingress_rule", "ec2", &["security-group-rule/{id}"], "sgr-") },
    TypeIdentity { owner: Some(("security_group_id", "aws_security_group")), ..opaque("aws_vpc_security_group_egress_rule", "ec2", &["security-group-rule/{id}"], "sgr-") },
    TypeIdentity { name: "name", prefix: "name_prefix", ..opaque("aws_launch_template", "ec2", &["launch-template/{id}"], "lt-") },
    opaque("aws_ebs_volume", "ec2", &["volume/{id}"], "vol-"),
    opaque("aws_ebs_snapshot", "ec2", &["snapshot/{id}"], "snap-"),
    opaque("aws_ebs_snapshot_copy", "ec2", &["snapshot/{id}"], "snap-"),
    opaque("aws_ebs_snapshot_import", "ec2", &["snapshot/{id}"], "snap-"),
    opaque("aws_spot_instance_request", "ec2", &["spot-instances-request/{id}"], "sir-"),
    opaque("aws_ami", "ec2", &["image/{id}"], "ami-"),
    opaque("aws_ami_copy", "ec2", &["image/{id}"], "ami-"),
    opaque("aws_ami_from_instance", "ec2", &["image/{id}"], "ami-"),
    opaque("aws_eip", "ec2", &["elastic-ip/{id}", "eip-allocation/{id}"], "eipalloc-"),
    opaque("aws_network_interface", "ec2", &["network-interface/{id}"], "eni-"),
    opaque("aws_vpc", "ec2", &["vpc/{id}"], "vpc-"),
    opaque("aws_default_vpc", "ec2", &["vpc/{id}"], "vpc-"),
    opaque("aws_subnet", "ec2", &["subnet/{id}"], "subnet-"),
    opaque("aws_default_subnet", "ec2", &["subnet/{id}"], "subnet-"),
    opaque("aws_network_acl", "ec2", &["network-acl/{id}"], "acl-"),
    opaque("aws_default_network_acl", "ec2", &["network-acl/{id}"], "acl-"),
    opaque("aws_route_table", "ec2", &["route-table/{id}"], "rtb-"),
    opaque("aws_default_route_table", "ec2", &["route-table/{id}"], "rtb-"),
    opaque("aws_internet_gateway", "ec2", &["internet-gateway/{id}"], "igw-"),
    opaque("aws_nat_gateway", "ec2", &["natgateway/{id}"], "nat-"),
    opaque("aws_vpc_endpoint", "ec2", &["vpc-endpoint/{id}"], "vpce-"),
    opaque("aws_flow_log", "ec2", &["vpc-flow-log/{id}"], "fl-"),
    opaque("aws_ec2_transit_gateway", "ec2", &["transit-gateway/{id}"], "tgw-"),
    opaque("aws_vpn_connection", "ec2", &["vpn-connection/{id}"], "vpn-"),
    opaque("aws_ec2_client_vpn_endpoint", "ec2", &["client-vpn-endpoint/{id}"], "cvpn-endpoint-"),
    named("aws_key_pair", "ec2", &["key-pair/{name}"], "key_name", "key_name_prefix", Region),
    named("aws_autoscaling_group", "autoscaling", &["autoScalingGroup:{*}:autoScalingGroupName/{name}"], "name", "name_prefix", Region),
    named("aws_launch_configuration", "autoscaling", &["launchConfiguration:{*}:launchConfigurationName/{name}"], "name", "name_prefix", Region),
    opaque("aws_efs_file_system", "elasticfilesystem", &["file-system/{id}"], "fs-"),
    opaque("aws_efs_access_point", "elasticfilesystem", &["access-point/{id}"], "fsap-"),
    // Load balancing and the edge
    named("aws_lb", "elasticloadbalancing", &["loadbalancer/app/{name}/{*}", "loadbalancer/net/{name}/{*}", "loadbalancer/gwy/{name}/{*}"], "name", "name_prefix", Region),
    named("aws_elb", "elasticloadbalancing", &["loadbalancer/{name}"], "name", "name_prefix", Region),
    named("aws_lb_target_group", "elasticloadbalancing", &["targetgroup/{name}/{*}"], "name", "name_prefix", Region),
    opaque("aws_lb_listener", "elasticloadbalancing", &["listener/app/{*}/{*}/{id}", "listener/net/{*}/{*}/{id}"], "\0"),
    opaque("aws_cloudfront_distribution", "cloudfront", &["distribution/{id}"], ""),
    opaque("aws_route53_zone", "route53", &["hostedzone/{id}"], ""),
    opaque("aws_acm_certificate", "acm", &["certificate/{id}"], ""),
    opaque("aws_api_gateway_rest_api", "apigateway", &["/restapis/{id}"], ""),
    opaque("aws_apigatewayv2_api", "apigateway", &["/apis/{id}"], ""),
    named("aws_wafv2_web_acl", "wafv2", &["regional/webacl/{name}/{*}", "global/webacl/{name}/{*}"], "name", "name_prefix", Region),
    named("aws_networkfirewall_firewall", "network-firewall", &["firewall/{name}"], "name", "", Region),
    // Messages, streams, tables
    named("aws_sqs_queue", "sqs", &["{name}"], "name", "name_prefix", Region),
    part("aws_sqs_queue_policy", "queue_url", "aws_sqs_queue"),
    part("aws_sqs_queue_redrive_policy", "queue_url", "aws_sqs_queue"),
    named("aws_sns_topic", "sns", &["{name}"], "name", "name_prefix", Region),
    part("aws_sns_topic_policy", "arn", "aws_sns_topic"),
    named("aws_dynamodb_table", "dynamodb", &["table/{name}"], "name", "", Region),
    named("aws_kinesis_stream", "kinesis", &["stream/{name}"], "name", "", Region),
    named("aws_kinesis_firehose_delivery_stream", "firehose", &["deliverystream/{name}"], "name", "", Region),
    named("aws_msk_cluster", "kafka", &["cluster/{name}/{*}"], "cluster_name", "", Region),
    named("aws_mq_broker", "mq", &["broker:{name}:{*}"], "broker_name", "", Region),
    named("aws_cloudwatch_event_rule", "events", &["rule/{path}{name}"], "name", "name_prefix", Region),
    named("aws_sfn_state_machine", "states", &["stateMachine:{name}"], "name", "name_prefix", Region),
    // Keys and secrets
    opaque("aws_kms_key", "kms", &["key/{id}"], ""),
    opaque("aws_kms_external_key", "kms", &["key/{id}"], ""),
    opaque("aws_kms_replica_key", "kms", &["key/{id}"], ""),
    opaque("aws_kms_replica_external_key", "kms", &["key/{id}"], ""),
    TypeIdentity { strip: "alias/", ..named("aws_kms_alias", "kms", &["alias/{names}"], "name", "name_prefix", Region) },
    part("aws_kms_key_policy", "key_id", "aws_kms_key"),
    part("aws_secretsmanager_secret_policy", "secret_arn", "aws_secretsmanager_secret"),
    part("aws_secretsmanager_secret_rotation", "secret_id", "aws_secretsmanager_secret"),
    part("aws_secretsmanager_secret_version", "secret_id", "aws_secretsmanager_secret"),
    named("aws_secretsmanager_secret", "secretsmanager", &["secret:{names}-{*}"], "name", "name_prefix", Region),
    TypeIdentity { strip: "/", ..named("aws_ssm_parameter", "ssm", &["parameter/{names}"], "name", "", Region) },
    // Logs and audit
    named("aws_cloudtrail", "cloudtrail", &["trail/{name}"], "name", "", Region),
    named("aws_cloudwatch_log_group", "logs", &["log-group:{names}{:*}"], "name", "name_prefix", Region),
    named("aws_cloudwatch_metric_alarm", "cloudwatch", &["alarm:{name}"], "alarm_name", "", Region),
    named("aws_config_configuration_recorder", "config", &["configuration-recorder/{name}/{*}"], "name", "", Region),
    opaque("aws_guardduty_detector", "guardduty", &["detector/{id}"], ""),
    named("aws_backup_vault", "backup", &["backup-vault:{name}"], "name", "", Region),
    // Compute and containers
    named("aws_lambda_function", "lambda", &["function:{name}{:*}"], "function_name", "", Region),
    part("aws_lambda_alias", "function_name", "aws_lambda_function"),
    part("aws_lambda_function_url", "function_name", "aws_lambda_function"),
    part("aws_lambda_permission", "function_name", "aws_lambda_function"),
    part("aws_ecr_lifecycle_policy", "repository", "aws_ecr_repository"),
    part("aws_ecr_repository_policy", "repository", "aws_ecr_repository"),
    named("aws_ecr_repository", "ecr", &["repository/{names}"], "name", "", Region),
    named("aws_ecs_cluster", "ecs", &["cluster/{name}"], "name", "", Region),
    TypeIdentity { scope: Parent, ..named("aws_ecs_service", "ecs", &["service/{*}/{name}"], "name", "", Region) },
    named("aws_ecs_task_definition", "ecs", &["task-definition/{name}{:*}"], "family", "", Region),
    named("aws_eks_cluster", "eks", &["cluster/{name}"], "name", "", Region),
    named("aws_elastic_beanstalk_environment", "elasticbeanstalk", &["environment/{*}/{name}"], "name", "", Region),
    named("aws_codebuild_project", "codebuild", &["project/{name}"], "name", "", Region),
    named("aws_codepipeline", "codepipeline", &["{name}"], "name", "", Region),
    named("aws_sagemaker_notebook_instance", "sagemaker", &["notebook-instance/{name}"], "name", "", Region),
    // Search, cache, warehouse
    named("aws_opensearch_domain", "es", &["domain/{name}"], "domain_name", "", Region),
    named("aws_elasticsearch_domain", "es", &["domain/{name}"], "domain_name", "", Region),
    lower("aws_elasticache_cluster", "elasticache", &["cluster:{name}"], "cluster_id", "", Region),
    lower("aws_elasticache_replication_group", "elasticache", &["replicationgroup:{name}"], "replication_group_id", "", Region),
    lower("aws_dax_cluster", "dax", &["cache/{name}"], "cluster_name", "", Region),
    lower("aws_redshift_cluster", "redshift", &["cluster:{name}", "namespace:{name}"], "cluster_identifier", "", Region),
    named("aws_athena_workgroup", "athena", &["workgroup/{name}"], "name", "", Region),
    opaque("aws_cognito_user_pool", "cognito-idp", &["userpool/{id}"], ""),
    // Google Cloud
    named("google_storage_bucket", "storage.googleapis.com", &["{name}", "projects/_/buckets/{name}"], "name", "", Global),
    part("google_storage_bucket_iam_member", "bucket", "google_storage_bucket"),
    part("google_storage_bucket_iam_binding", "bucket", "google_storage_bucket"),
    part("google_storage_bucket_iam_policy", "bucket", "google_storage_bucket"),
    part("google_storage_bucket_access_control", "bucket", "google_storage_bucket"),
    part("google_storage_bucket_acl", "bucket", "google_storage_bucket"),
    named("google_compute_instance", "compute.googleapis.com", &["projects/{account}/zones/{region}/instances/{name}"], "name", "", Region),
    named("google_compute_firewall", "compute.googleapis.com", &["projects/{account}/global/firewalls/{name}"], "name", "", Account),
    named("google_compute_network", "compute.googleapis.com", &["projects/{account}/global/networks/{name}"], "name", "", Account),
    named("google_compute_disk", "compute.googleapis.com", &["projects/{account}/zones/{region}/disks/{name}"], "name", "", Region),
    named("google_compute_subnetwork", "compute.googleapis.com", &["projects/{account}/regions/{region}/subnetworks/{name}"], "name", "", Region),
    named("google_sql_database_instance", "cloudsql.googleapis.com", &["projects/{account}/instances/{name}"], "name", "", Account),
    named("google_pubsub_topic", "pubsub.googleapis.com", &["projects/{account}/topics/{name}"], "name", "", Account),
    named("google_bigquery_dataset", "bigquery.googleapis.com", &["projects/{account}/datasets/{name}"], "dataset_id", "", Account),
    named("google_container_cluster", "container.googleapis.com", &["projects/{account}/locations/{region}/clusters/{name}", "projects/{account}/zones/{region}/clusters/{name}"], "name", "", Region),
];
