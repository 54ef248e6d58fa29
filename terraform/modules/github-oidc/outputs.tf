output "role_arn" {
  value       = aws_iam_role.this.arn
  description = "ARN of the role: the `role-to-assume` of aws-actions/configure-aws-credentials."
}

output "role_name" {
  value       = aws_iam_role.this.name
  description = "Name of the role, to attach policies to."
}

output "provider_arn" {
  value       = local.provider_arn
  description = "ARN of GitHub as an identity provider of the account."
}
