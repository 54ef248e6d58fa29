output "json" {
  value       = data.aws_iam_policy_document.this.json
  description = "Policy to merge into the policy of a role."
}
