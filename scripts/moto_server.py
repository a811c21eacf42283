"""Start the moto server with two things mended that stand in the way of a proof.

- A scanner reports an access key as unused when its last use lies some 45 days back, and no emulator
  can wait that long. So every IAM access key that is made here looks 200 days old and last used 120
  days ago.
- moto gives every database instance the same resource id, by which newer Terraform providers read
  them back: with two instances neither is found. Here each has its own.
"""

import datetime
import hashlib
import sys

import moto.iam.models as iam
import moto.rds.models as rds

CREATED = datetime.timedelta(days=200)
LAST_USED = datetime.timedelta(days=120)

make_key = iam.AccessKey.__init__
make_database = rds.DBInstance.__init__


def make_old_key(self, *arguments, **named):
    make_key(self, *arguments, **named)
    self.create_date -= CREATED
    last_used = datetime.datetime.now(datetime.timezone.utc) - LAST_USED
    self.last_used = iam.AccessKeyLastUsed(timestamp=last_used, service="s3", region="us-east-1")


def make_distinct_database(self, *arguments, **named):
    make_database(self, *arguments, **named)
    self.dbi_resource_id = "db-" + hashlib.sha256(self.db_instance_identifier.encode()).hexdigest()[:26].upper()


if __name__ == "__main__":
    iam.AccessKey.__init__ = make_old_key
    rds.DBInstance.__init__ = make_distinct_database
    from moto.server import main

    main(sys.argv[1:])
