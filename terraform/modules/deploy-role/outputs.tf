output "role_arn" {
  value       = aws_iam_role.this.arn
  description = "ARN of the role: `role` in `.github/berth.yml`."
}

output "role_name" {
  value       = aws_iam_role.this.name
  description = "Name of the role, to attach policies to."
}

output "trust_policy" {
  value       = data.aws_iam_policy_document.trust.json
  description = "Trust policy, for a role that is managed elsewhere."
}
