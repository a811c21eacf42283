{
  "Version": "2012-10-17",
  "Statement": [
    %{ for i, arn in arns }
    { "Sid": "s${i}", "Resource": "arn:aws:s3:::${arn}-${env}/*" }%{ if i < length(arns) - 1 },%{ endif }
    %{ endfor }
  ],
  "All": ${jsonencode(arns)}
}
