"""A sample of what other scanners find in public code: fixed by tfmend, judged by the same scanners.

`trees` makes a copy of the code, `scanners` says what Checkov and Trivy think of it, `units` draws the sample and asks
tfmend, `verdict` compares before and after, `validation` asks Terraform, `table` prints.
"""
