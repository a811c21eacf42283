"""Start the moto server with access keys that are old enough to be found unused.

A scanner reports an access key as unused when its last use lies some 45 days back, and no emulator
can wait that long. So every IAM access key that is made here looks 200 days old and last used 120
days ago; nothing else differs from `moto_server`.
"""

import datetime
import sys

import moto.iam.models as iam

CREATED = datetime.timedelta(days=200)
LAST_USED = datetime.timedelta(days=120)

make_key = iam.AccessKey.__init__


def make_old_key(self, *arguments, **named):
    make_key(self, *arguments, **named)
    self.create_date -= CREATED
    last_used = datetime.datetime.now(datetime.timezone.utc) - LAST_USED
    self.last_used = iam.AccessKeyLastUsed(timestamp=last_used, service="s3", region="us-east-1")


if __name__ == "__main__":
    iam.AccessKey.__init__ = make_old_key
    from moto.server import main

    main(sys.argv[1:])
