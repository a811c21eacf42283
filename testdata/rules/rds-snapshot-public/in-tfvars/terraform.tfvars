accounts = [
  "333344445555", "all"
]
