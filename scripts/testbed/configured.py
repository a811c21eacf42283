"""Resources of the AWS provider made from a seed, for scripts/differential.py: what is written in them, and references to it.

Each argument is written in one of the many forms that Terraform converts to its type: numbers and booleans as text,
text as numbers, sets as lists with an element twice, through locals, conditionals, functions and `each`. What is
referred to is what Terraform plans.
"""

PROVIDER = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}
"""

# Type → what must be written (as it is), and what may be: its type and the values that the provider takes. `block.name`
# stands in a nested block.
ANY = ["a", "b-1", "Web", "x"]
IDS = ["subnet-2", "subnet-1", "subnet-0"]
GROUPS = ["sg-b", "sg-a", "sg-c"]
CIDRS = ["10.2.0.0/16", "10.1.0.0/16", "192.168.0.0/24"]
ARNS = ["arn:aws:sns:us-east-1:111122223333:b", "arn:aws:sns:us-east-1:111122223333:a"]
TAGS = {"tags": ("map", ANY + ["1", "true", ""])}
TYPES = {
    "aws_vpc": (
        'cidr_block = "10.0.0.0/16"',
        TAGS | {"enable_dns_support": ("bool", []), "enable_dns_hostnames": ("bool", []), "instance_tenancy": ("string", ["default"])},
    ),
    "aws_subnet": (
        'vpc_id = "vpc-1"\n  cidr_block = "10.0.1.0/24"',
        TAGS | {"map_public_ip_on_launch": ("bool", []), "availability_zone": ("string", ["us-east-1a"])},
    ),
    "aws_security_group_rule": (
        'security_group_id = "sg-1"\n  type = "ingress"',
        {
            "from_port": ("number", [0, 80, 443, 65535]), "to_port": ("number", [0, 80, 443, 65535]),
            "protocol": ("string", ["tcp", "6", "-1"]), "cidr_blocks": ("list", CIDRS), "description": ("string", ["any", ""]),
        },
    ),
    "aws_db_instance": (
        'instance_class = "db.t3.micro"\n  engine = "postgres"\n  username = "u"\n  password = "not-a-secret"\n'
        "  allocated_storage = 20\n  skip_final_snapshot = true",
        TAGS | {
            "port": ("number", [5432, 3306]), "multi_az": ("bool", []), "publicly_accessible": ("bool", []),
            "vpc_security_group_ids": ("set", GROUPS), "engine_version": ("string", ["16", "16.1", "8.0"]),
            "backup_retention_period": ("number", [0, 7, 35]), "max_allocated_storage": ("number", [0, 100]),
            "identifier": ("string", ["orders", "db1"]), "storage_encrypted": ("bool", []),
            "enabled_cloudwatch_logs_exports": ("set", ["postgresql", "upgrade"]), "deletion_protection": ("bool", []),
        },
    ),
    "aws_lb": (
        'name = "web"',
        TAGS | {
            "internal": ("bool", []), "subnets": ("set", IDS), "security_groups": ("set", GROUPS),
            "idle_timeout": ("number", [60, 400]), "enable_deletion_protection": ("bool", []),
            "access_logs.bucket": ("string", ["logs", "logs-2"]), "access_logs.enabled": ("bool", []),
        },
    ),
    "aws_instance": (
        'ami = "ami-12345678"\n  instance_type = "t3.micro"',
        TAGS | {
            "vpc_security_group_ids": ("set", GROUPS), "monitoring": ("bool", []), "ebs_optimized": ("bool", []),
            "source_dest_check": ("bool", []), "user_data": ("string", ["x", "echo"]),
            "root_block_device.volume_size": ("number", [8, 20]), "root_block_device.encrypted": ("bool", []),
            "metadata_options.http_tokens": ("string", ["required", "optional"]),
            "metadata_options.http_put_response_hop_limit": ("number", [1, 2]),
        },
    ),
    "aws_cloudwatch_metric_alarm": (
        'alarm_name = "a"\n  comparison_operator = "GreaterThanThreshold"\n  metric_name = "m"\n  namespace = "n"\n'
        '  statistic = "Sum"\n  period = 60\n  evaluation_periods = 1',
        TAGS | {
            "threshold": ("number", [0, 1.5, 80]), "alarm_actions": ("set", ARNS), "actions_enabled": ("bool", []),
            "dimensions": ("map", ANY), "datapoints_to_alarm": ("number", [1, 3]),
        },
    ),
    "aws_route53_record": (
        'zone_id = "Z1"\n  name = "www"\n  type = "A"',
        {"records": ("set", ["10.0.0.2", "10.0.0.1"]), "ttl": ("number", [60, 300])},
    ),
    "aws_sqs_queue": (
        "",
        TAGS | {
            "name": ("string", ["jobs", "q1"]), "delay_seconds": ("number", [0, 10]),
            "message_retention_seconds": ("number", [3600]), "sqs_managed_sse_enabled": ("bool", []),
            "kms_data_key_reuse_period_seconds": ("number", [300, 600]),
        },
    ),
    "aws_lambda_function": (
        'function_name = "f"\n  role = "arn:aws:iam::111122223333:role/r"\n  handler = "h.h"\n  runtime = "python3.12"\n'
        '  s3_bucket = "code"\n  s3_key = "f.zip"',
        TAGS | {
            "timeout": ("number", [3, 900]), "memory_size": ("number", [128, 512]),
            "layers": ("list", ["arn:aws:lambda:us-east-1:111122223333:layer:b:1", "arn:aws:lambda:us-east-1:111122223333:layer:a:1"]),
            "reserved_concurrent_executions": ("number", [0, 5]),
            "publish": ("bool", []), "vpc_config.subnet_ids": ("set", IDS), "vpc_config.security_group_ids": ("set", GROUPS),
            "environment.variables": ("map", ANY),
        },
    ),
    "aws_ecr_repository": (
        'name = "app"',
        TAGS | {
            "image_tag_mutability": ("string", ["MUTABLE", "IMMUTABLE"]), "force_delete": ("bool", []),
            "image_scanning_configuration.scan_on_push": ("bool", []),
        },
    ),
    "aws_s3_bucket": ("", TAGS | {"bucket": ("string", ["logs-1", "data"]), "force_destroy": ("bool", [])}),
    "aws_vpc_security_group_ingress_rule": (
        'security_group_id = "sg-1"\n  cidr_ipv4 = "10.0.0.0/8"',
        TAGS | {
            "from_port": ("number", [22, 443]), "to_port": ("number", [22, 443]), "ip_protocol": ("string", ["tcp", "udp"]),
            "description": ("string", ANY),
        },
    ),
    "aws_ecs_task_definition": (
        'family = "f"\n  container_definitions = "[]"',
        TAGS | {
            "cpu": ("string", ["256", "512"]), "memory": ("string", ["512", "1024"]),
            "requires_compatibilities": ("set", ["FARGATE", "EC2"]), "network_mode": ("string", ["awsvpc"]),
        },
    ),
}  # fmt: skip

# What must be there, in whatever form.
ALWAYS = {
    "aws_security_group_rule": ["from_port", "to_port", "protocol", "cidr_blocks"],
    "aws_route53_record": ["records", "ttl"],
    "aws_lb": ["subnets", "access_logs.bucket"],
    "aws_cloudwatch_metric_alarm": ["threshold"],
    "aws_vpc_security_group_ingress_rule": ["ip_protocol"],
    "aws_lambda_function": ["vpc_config.subnet_ids", "vpc_config.security_group_ids"],
}


class Writer:
    """Writes values in the forms that Terraform converts."""

    def __init__(self, dice):
        self.dice = dice
        self.locals = []

    def one(self, *choices):
        return self.dice.choice(choices)

    def behind(self, text):
        """The same through a local, a conditional or a function."""
        roll = self.dice.random()
        if roll < 0.2:
            self.locals.append(text)
            return f"local.l{len(self.locals) - 1}"
        if roll < 0.3:
            return f"(1 == 1 ? {text} : {text})"
        if roll < 0.35:
            return f"try({text}, null)"
        return text

    def text(self, value):
        quoted = f'"{value}"'
        if str(value).isdigit() and not str(value).startswith("0"):
            return self.one(quoted, str(value))
        return self.one(quoted, quoted, f'join("", ["{value}"])', quoted if value in ("true", "false") else f'format("%s", "{value}")')

    def number(self, value):
        forms = [str(value), f'"{value}"', f"{value} + 0", f'tonumber("{value}")']
        if isinstance(value, int):
            forms += [f'"0{value}"', f'"{value}.0"', f"{value}.0", f'"{value}e0"']
        return self.dice.choice(forms)

    def boolean(self):
        return self.one("true", "false", '"true"', '"false"', "1 == 1", "1 == 2", '!tobool("true")')

    def items(self, values):
        some = [self.dice.choice(values) for _ in range(self.dice.randint(1, 4))]
        listed = "[" + ", ".join(self.text(value) for value in some) + "]"
        return self.one(listed, listed, f"toset({listed})", f"concat({listed}, [])", f"reverse({listed})", f"distinct({listed})")

    def entries(self, values):
        pairs = []
        for name in self.dice.sample(["Name", "env", "k-1", "Size"], self.dice.randint(0, 3)):
            value = self.one(self.text(self.dice.choice(values)), "7", "true", "1.50", "null") if self.dice.random() < 0.5 else self.text(self.dice.choice(values))
            pairs.append(f'"{name}" = {value}')
        mapped = "{ " + ", ".join(pairs) + " }"
        return self.one(mapped, mapped, f"merge({mapped}, {{ last = 1 }})")

    def value(self, kind, values, always):
        if not always and self.dice.random() < 0.04:
            return "null"
        return self.behind({
            "string": lambda: self.text(self.dice.choice(values)),
            "number": lambda: self.number(self.dice.choice(values)),
            "bool": self.boolean,
            "list": lambda: self.items(values),
            "set": lambda: self.items(values),
            "map": lambda: self.entries(values),
        }[kind]())  # fmt: skip

    def uses(self, at, kind):
        """Expressions about an argument."""
        yield at
        some = {
            "string": [f'"${{{at}}}-x"', f"upper({at})", f"length({at})", f'{at} == "16"', f"jsonencode({at})"],
            "number": [f"{at} + 1", f'"${{{at}}}"', f"{at} == 443", f'{at} == "443"', f"jsonencode([{at}])", f"max({at}, 5)"],
            "bool": [f"!{at}", f'{at} == "true"', f'{at} ? "y" : "n"', f'"${{{at}}}"', f"[for x in [1, 2] : x if {at}]"],
            "list": [f"{at}[0]", f"length({at})", f'join(",", {at})', f"{at}[*]", f"toset({at})", f"sort({at})", f"slice({at}, 0, 1)"],
            "set": [
                f"{at}[0]", f"length({at})", f'join(",", {at})', f"{at}[*]", f"tolist({at})", f"sort({at})", f"one({at})",
                f'[for x in {at} : "${{x}}!"]', f"{{ for x in {at} : x => 1 }}", f'setunion({at}, ["z"])', f'{at} == toset(["sg-a"])',
            ],
            "map": [
                f"keys({at})", f"length({at})", f'{at}["Name"]', f'lookup({at}, "env", "none")', f"values({at})", f"{at}.Size",
                f"jsonencode({at})", f"merge({at}, {{ env = 1 }})", f"[for k, v in {at} : upper(v)]", f"{at} == null",
            ],
        }[kind]  # fmt: skip
        yield from self.dice.sample(some, 2)


def block(writer, kind, chosen, repeated):
    """The body of a resource."""
    required, may = TYPES[kind]
    lines, nested = [required] if required else [], {}
    if repeated:
        lines.insert(0, repeated)
    for name in chosen:
        of, values = may[name]
        outer, _, inner = name.rpartition(".")
        text = f"{inner} = {writer.value(of, values, name in ALWAYS.get(kind, ()))}"
        if outer:
            nested.setdefault(outer, []).append(text)
        else:
            lines.append(text)
    for name, inside in nested.items():
        lines.append(f"{name} {{\n    " + "\n    ".join(inside) + "\n  }")
    return "\n  ".join(lines)


def root(dice, at):
    """(name, files, expressions)"""
    writer = Writer(dice)
    blocks, entries = [], []
    for kind in dice.sample(sorted(TYPES), 9):
        may = TYPES[kind][1]
        chosen = dice.sample(sorted(may), min(len(may), dice.randint(2, 6)))
        chosen += [name for name in ALWAYS.get(kind, ()) if name not in chosen]
        name, repeated, ref = "r", "", f"{kind}.r"
        roll = dice.random()
        if roll < 0.15:
            repeated, ref = f'count = {writer.number(2)}', f"{kind}.r[1]"
        elif roll < 0.3:
            repeated, ref = 'for_each = toset(["x", "y", "x"])', f'{kind}.r["y"]'
        blocks.append(f'resource "{kind}" "{name}" {{\n  {block(writer, kind, chosen, repeated)}\n}}\n')
        for argument in chosen:
            of = may[argument][0]
            outer, _, inner = argument.rpartition(".")
            entries += writer.uses(f"{ref}.{outer}[0].{inner}" if outer else f"{ref}.{argument}", of)
        if repeated:
            whole = f"values({kind}.r)" if "for_each" in repeated else f"{kind}.r"
            entries.append(f"{whole}[*].{dice.choice([c for c in chosen if '.' not in c] or ['id'])}")
    text = "\n".join(blocks)
    if writer.locals:
        text += "\nlocals {\n" + "".join(f"  l{n} = {value}\n" for n, value in enumerate(writer.locals)) + "}\n"
    return f"configured{at}", {"provider.tf": PROVIDER, "main.tf": text}, entries
