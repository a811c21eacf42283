"""Run Prowler's command line for AWS only, without the SDKs of the other clouds.

Prowler imports every provider's SDK when it starts, 2 GB of them, although an AWS scan calls none.
This launcher puts a finder behind Python's own ones: a module of a foreign cloud that is not
installed is answered with an empty stand-in whose every attribute is an exception class (they are
used in `except` clauses and as base classes). AWS modules are never stood in for, so a missing AWS
dependency still fails loudly.
"""

import importlib.abc
import importlib.machinery
import sys
import types

FOREIGN = (
    "Tea", "alibabacloud", "aliyun", "azure", "cloudflare", "dash", "darabonba", "dulwich", "github",
    "google", "google_auth", "googleapiclient", "httplib2", "huaweicloud", "jwt", "keystoneauth",
    "kiota", "kubernetes", "linode", "microsoft", "msal", "msgraph", "nhn", "numpy", "oci", "okta",
    "openstack", "pandas", "plotly", "pymongo", "scaleway", "stackit",
)  # fmt: skip


def is_dunder(name):
    return name.startswith("__") and name.endswith("__")


class StandInType(type):
    """The type of stand-in classes: attribute access makes (and keeps) another stand-in class."""

    def __getattr__(cls, name):
        if is_dunder(name):
            raise AttributeError(name)
        made = StandInType(name, (Exception,), {})
        setattr(cls, name, made)
        return made


class StandInModule(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if is_dunder(name):
            raise AttributeError(name)
        made = StandInType(name, (Exception,), {})
        setattr(self, name, made)
        return made


class ForeignCloudFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0].startswith(FOREIGN):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        return StandInModule(spec.name)

    def exec_module(self, module):
        """Nothing to run: a stand-in has no code."""


if __name__ == "__main__":
    sys.meta_path.append(ForeignCloudFinder())  # last: only fills what is not installed
    from prowler.__main__ import prowler

    sys.argv[0] = "prowler"
    sys.exit(prowler())
