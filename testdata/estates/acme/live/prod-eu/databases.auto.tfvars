orders_db_class     = "db.t4g.large"
reporting_db_public = true # vendor pulls nightly, ask Jonas
