readers = [
  "group:team@example.com",
  "allUsers"
]
