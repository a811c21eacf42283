from_file = { one = "1", two = 2 }
not_null  = null
