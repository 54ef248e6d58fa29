output "role_arn" {
  value       = aws_iam_role.this.arn
  description = "What a workflow gives to aws-actions/configure-aws-credentials as role-to-assume."
}

output "role_name" {
  value       = aws_iam_role.this.name
  description = "Name of the role, to attach policies to."
}

output "provider_arn" {
  value       = local.provider_arn
  description = "GitHub as the account's identity provider."
}
