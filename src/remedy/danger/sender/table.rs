//! Who sends to topics and queues, as Terraform writes it.

/// What receives messages: its type, the service in an ARN of it, the type that holds its policy and that type's link.
pub(super) struct Receiver {
    pub(super) kind: &'static str,
    pub(super) service: &'static str,
    pub(super) policy: (&'static str, &'static str),
    pub(super) senders: &'static [Sender],
}

/// Type, path of the attribute that names the receiver, and the service that sends.
type Sender = (&'static str, &'static [&'static str], &'static str);

/// Topics and queues.
pub(super) const RECEIVERS: [Receiver; 2] = [
    Receiver {
        kind: "aws_sns_topic",
        service: "sns",
        policy: ("aws_sns_topic_policy", "arn"),
        senders: &TO_TOPIC,
    },
    Receiver {
        kind: "aws_sqs_queue",
        service: "sqs",
        policy: ("aws_sqs_queue_policy", "queue_url"),
        senders: &TO_QUEUE,
    },
];

// Resources that send with a role of the account are not among them: their role may use the key.
const TO_TOPIC: [Sender; 41] = [
    (
        "aws_autoscaling_notification",
        &["topic_arn"],
        "autoscaling.amazonaws.com",
    ),
    (
        "aws_backup_vault_notifications",
        &["sns_topic_arn"],
        "backup.amazonaws.com",
    ),
    (
        "aws_budgets_budget",
        &["notification", "subscriber_sns_topic_arns"],
        "budgets.amazonaws.com",
    ),
    (
        "aws_budgets_budget_action",
        &["subscriber", "address"],
        "budgets.amazonaws.com",
    ),
    (
        "aws_ce_anomaly_subscription",
        &["subscriber", "address"],
        "costalerts.amazonaws.com",
    ),
    (
        "aws_cloudtrail",
        &["sns_topic_name"],
        "cloudtrail.amazonaws.com",
    ),
    (
        "aws_cloudwatch_composite_alarm",
        &["alarm_actions"],
        "cloudwatch.amazonaws.com",
    ),
    (
        "aws_cloudwatch_composite_alarm",
        &["insufficient_data_actions"],
        "cloudwatch.amazonaws.com",
    ),
    (
        "aws_cloudwatch_composite_alarm",
        &["ok_actions"],
        "cloudwatch.amazonaws.com",
    ),
    (
        "aws_cloudwatch_event_target",
        &["arn"],
        "events.amazonaws.com",
    ),
    (
        "aws_cloudwatch_metric_alarm",
        &["alarm_actions"],
        "cloudwatch.amazonaws.com",
    ),
    (
        "aws_cloudwatch_metric_alarm",
        &["insufficient_data_actions"],
        "cloudwatch.amazonaws.com",
    ),
    (
        "aws_cloudwatch_metric_alarm",
        &["ok_actions"],
        "cloudwatch.amazonaws.com",
    ),
    (
        "aws_codecommit_trigger",
        &["trigger", "destination_arn"],
        "codecommit.amazonaws.com",
    ),
    (
        "aws_codestarnotifications_notification_rule",
        &["target", "address"],
        "codestar-notifications.amazonaws.com",
    ),
    (
        "aws_config_delivery_channel",
        &["sns_topic_arn"],
        "config.amazonaws.com",
    ),
    (
        "aws_dax_cluster",
        &["notification_topic_arn"],
        "dax.amazonaws.com",
    ),
    (
        "aws_db_event_subscription",
        &["sns_topic"],
        "events.rds.amazonaws.com",
    ),
    (
        "aws_devopsguru_notification_channel",
        &["sns", "topic_arn"],
        "devops-guru.amazonaws.com",
    ),
    (
        "aws_dms_event_subscription",
        &["sns_topic_arn"],
        "dms.amazonaws.com",
    ),
    (
        "aws_docdb_event_subscription",
        &["sns_topic_arn"],
        "events.rds.amazonaws.com",
    ),
    (
        "aws_elasticache_cluster",
        &["notification_topic_arn"],
        "elasticache.amazonaws.com",
    ),
    (
        "aws_elasticache_replication_group",
        &["notification_topic_arn"],
        "elasticache.amazonaws.com",
    ),
    (
        "aws_glacier_vault",
        &["notification", "sns_topic"],
        "glacier.amazonaws.com",
    ),
    (
        "aws_imagebuilder_infrastructure_configuration",
        &["sns_topic_arn"],
        "imagebuilder.amazonaws.com",
    ),
    (
        "aws_inspector_assessment_template",
        &["event_subscription", "topic_arn"],
        "inspector.amazonaws.com",
    ),
    (
        "aws_memorydb_cluster",
        &["sns_topic_arn"],
        "memorydb.amazonaws.com",
    ),
    (
        "aws_neptune_event_subscription",
        &["sns_topic_arn"],
        "events.rds.amazonaws.com",
    ),
    (
        "aws_redshift_event_subscription",
        &["sns_topic_arn"],
        "redshift.amazonaws.com",
    ),
    (
        "aws_s3_bucket_notification",
        &["topic", "topic_arn"],
        "s3.amazonaws.com",
    ),
    (
        "aws_ses_event_destination",
        &["sns_destination", "topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_ses_identity_notification_topic",
        &["topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_ses_receipt_rule",
        &["bounce_action", "topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_ses_receipt_rule",
        &["lambda_action", "topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_ses_receipt_rule",
        &["workmail_action", "topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_ses_receipt_rule",
        &["s3_action", "topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_ses_receipt_rule",
        &["sns_action", "topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_ses_receipt_rule",
        &["stop_action", "topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_sesv2_configuration_set_event_destination",
        &["event_destination", "sns_destination", "topic_arn"],
        "ses.amazonaws.com",
    ),
    (
        "aws_ssmincidents_response_plan",
        &["incident_template", "notification_target", "sns_topic_arn"],
        "ssm-incidents.amazonaws.com",
    ),
    (
        "aws_vpc_endpoint_connection_notification",
        &["connection_notification_arn"],
        "vpce.amazonaws.com",
    ),
];

const TO_QUEUE: [Sender; 6] = [
    (
        "aws_cloudwatch_event_bus",
        &["dead_letter_config", "arn"],
        "events.amazonaws.com",
    ),
    (
        "aws_cloudwatch_event_target",
        &["arn"],
        "events.amazonaws.com",
    ),
    (
        "aws_cloudwatch_event_target",
        &["dead_letter_config", "arn"],
        "events.amazonaws.com",
    ),
    (
        "aws_s3_bucket_notification",
        &["queue", "queue_arn"],
        "s3.amazonaws.com",
    ),
    (
        "aws_sns_topic_subscription",
        &["endpoint"],
        "sns.amazonaws.com",
    ),
    (
        "aws_sns_topic_subscription",
        &["redrive_policy"],
        "sns.amazonaws.com",
    ),
];
