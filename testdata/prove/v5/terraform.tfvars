bucket_versioning = "Suspended"
admin_cidrs       = ["0.0.0.0/0", "10.0.0.0/8"]
