"""How the findings of the demo estate are recorded: see scripts/record_findings.py."""
