"""Pieces that every root of the generated estate has: backend, provider, variables, and what its state holds."""

import re
from textwrap import dedent


def text(written):
    return dedent(written).lstrip("\n")


def files_of_root(estate, place, types, values):
    """`backend.tf`, `providers.tf`, `variables.tf` and `terraform.tfvars`."""
    estate.write(f"{place.root}/backend.tf", text(f"""
        terraform {{
          required_version = ">= 1.5"

          required_providers {{
            aws = {{
              source  = "hashicorp/aws"
              version = "~> 5.60"
            }}
          }}

          backend "s3" {{
            bucket = "terraform-state-{place.account}"
            key    = "{place.root}/terraform.tfstate"
            region = "eu-west-1"
          }}
        }}
    """))
    estate.write(f"{place.root}/providers.tf", text(f"""
        provider "aws" {{
          region              = "{place.region}"
          allowed_account_ids = ["{place.account}"]

          default_tags {{
            tags = {{
              Team        = "{place.team}"
              Environment = var.environment
              Component   = "{place.component}"
              ManagedBy   = "terraform"
            }}
          }}
        }}
    """))
    declared = {"environment": "string", **types}
    estate.write(f"{place.root}/variables.tf", "\n".join(
        text(f"""
            variable "{name}" {{
              description = "What {name.replace("_", " ")} is here."
              type        = {kind}
            }}
        """)
        for name, kind in declared.items()
    ))  # fmt: skip
    given = {"environment": f'"{place.environment}"', **values}
    width = max(map(len, given))
    lines = (f"{name:{width}} = {value}\n" for name, value in given.items())
    estate.write(f"{place.root}/terraform.tfvars", "".join(lines))


def attributes(id, arn, **others):
    return {"id": id, "arn": arn, **others}


ADDRESS = re.compile(r'(?P<module>(?:module\.[\w-]+(?:\["[^"]*"\])?\.)*)(?P<type>\w+)\.(?P<name>[\w-]+)(?:\[(?P<key>[^]]+)\])?$')


def held(estate, place, address, values):
    """Writes an object into the state of a root, instances of one block side by side as Terraform does."""
    found = ADDRESS.match(address)
    module, kind, name, key = found["module"].rstrip("."), found["type"], found["name"], found["key"]
    resources = estate.states.setdefault(place.root, [])
    for resource in resources:
        if (resource.get("module", ""), resource["type"], resource["name"]) == (module, kind, name):
            break
    else:
        resource = {
            **({"module": module} if module else {}),
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [],
        }
        resources.append(resource)
    instance = {"schema_version": 0, "attributes": values, "sensitive_attributes": []}
    if key is not None:
        instance = {"index_key": int(key) if key.isdigit() else key.strip('"'), **instance}
    resource["instances"].append(instance)
