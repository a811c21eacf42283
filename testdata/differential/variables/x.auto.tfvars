from_auto = "7"
