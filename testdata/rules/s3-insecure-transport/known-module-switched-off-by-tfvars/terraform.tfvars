tls_only = false
