id            = "iam-role-unused"
title         = "IAM role is unused"
action        = "remove the unused role"
severity      = "low"
profile       = "all"
reversibility = "never-auto"
impact        = "forces-replacement"
why           = <<-EOT
  A role that nothing assumes is a way in that nobody watches. Whether it is a break-glass role, a yearly job or
  forgotten can be told by its owner only.
EOT
verify        = "The role is gone, or its last use is recent."

controls = {
  access-analyzer = ["UnusedIAMRole"]
}

rollback {
  restores         = "Terraform creates a role of the same name."
  does_not_restore = "The role's unique id: policies of other accounts that trust it by id do not recognise the new one."
}

remedy "advice" {
  types = ["aws_iam_role"]
  text  = <<-EOT
    1. Ask the owner whether the role is kept for emergencies or rare jobs; if so, ignore this finding with a reason.
    2. Look at what trusts or names it: other accounts, instance profiles, pipelines (`aws iam get-role` shows the last use).
    3. Detach its policies first and wait for a week; then remove the block.
  EOT
}
