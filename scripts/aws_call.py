#!/usr/bin/env python3
"""One call of an AWS API: `aws_call.py SERVICE OPERATION < parameters.json > answer.json`.

Run by the interpreter of an environment that has boto3 (the emulator's). Credentials, region and
endpoint come from the environment, as for every AWS client.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def main():
    service, operation = sys.argv[1:3]
    client = boto3.client(service, config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}))
    try:
        answer = getattr(client, operation)(**json.load(sys.stdin))
    except ClientError as problem:
        answer = {"Error": problem.response["Error"]}
    answer.pop("ResponseMetadata", None)
    json.dump(answer, sys.stdout, default=str)


if __name__ == "__main__":
    main()
