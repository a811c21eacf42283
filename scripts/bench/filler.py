"""What real files hold besides: roles, policies, alarms, records. None of it is what a finding is about."""

from textwrap import dedent

WORDS = (
    "amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "haven", "inlet", "jetty",
    "kite", "lagoon", "mesa", "north", "orchard", "prairie", "quarry", "ridge", "summit", "tundra",
)  # fmt: skip
SERVICES = ("lambda", "ecs-tasks", "ec2", "events", "states", "glue")
ACTIONS = ("s3:GetObject", "s3:PutObject", "sqs:SendMessage", "sns:Publish", "kms:Decrypt", "logs:PutLogEvents", "dynamodb:GetItem")


def block(random, name):
    """One block that stands beside what is measured."""
    word = random.choice(WORDS)
    kind = random.randrange(4)
    if kind == 0:
        actions = ", ".join(f'"{action}"' for action in sorted(random.sample(ACTIONS, 3)))
        return dedent(f"""
            # What the {word} job may do. Asked for by its owners; see the runbook before it is widened.
            data "aws_iam_policy_document" "{name}" {{
              statement {{
                sid       = "{word.title()}"
                effect    = "Allow"
                actions   = [{actions}]
                resources = ["arn:aws:s3:::{word}-{name}/*", "arn:aws:s3:::{word}-{name}"]

                condition {{
                  test     = "StringEquals"
                  variable = "aws:PrincipalTag/Team"
                  values   = ["{word}"]
                }}
              }}
            }}
        """)
    if kind == 1:
        return dedent(f"""
            resource "aws_cloudwatch_metric_alarm" "{name}" {{
              alarm_name          = "{word}-${{var.environment}}-errors"
              alarm_description   = "More errors in {word} than usual."
              namespace           = "AWS/Lambda"
              metric_name         = "Errors"
              comparison_operator = "GreaterThanThreshold"
              evaluation_periods  = {random.randrange(1, 6)}
              period              = 300
              statistic           = "Sum"
              threshold           = {random.randrange(1, 50)}
              treat_missing_data  = "notBreaching"

              dimensions = {{
                FunctionName = "{word}-${{var.environment}}"
              }}
            }}
        """)
    if kind == 2:
        return dedent(f"""
            resource "aws_iam_role" "{name}" {{
              name                 = "{word}-${{var.environment}}-{name}"
              max_session_duration = {3600 * random.randrange(1, 4)}

              assume_role_policy = jsonencode({{
                Version = "2012-10-17"
                Statement = [
                  {{
                    Effect    = "Allow"
                    Action    = "sts:AssumeRole"
                    Principal = {{ Service = "{random.choice(SERVICES)}.amazonaws.com" }}
                  }},
                ]
              }})

              tags = {{
                Purpose = "{word}"
                Owner   = "${{var.environment}}-owners"
              }}
            }}
        """)
    return dedent(f"""
        resource "aws_route53_record" "{name}" {{
          zone_id = "Z{random.getrandbits(48):012X}"
          name    = "{word}.${{var.environment}}.example.com"
          type    = "CNAME"
          ttl     = {60 * random.randrange(1, 20)}
          records = ["{word}-{name}.elb.amazonaws.com"]
        }}
    """)


def pad(random, text, size):
    """The text, with blocks behind it until it has about `size` bytes."""
    parts, length = [text], len(text)
    while length < size:
        more = block(random, f"extra_{random.getrandbits(32):08x}")
        parts.append(more)
        length += len(more)
    return "".join(parts)
