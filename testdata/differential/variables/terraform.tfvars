from_tfvars = { a = ["1", 2], b = [] }
not_null    = null
