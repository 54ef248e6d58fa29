output "arn" {
  value       = try(aws_iam_service_linked_role.this[0].arn, data.aws_iam_role.existing[0].arn, null)
  description = "ARN of the role; null if AWS creates it at first use."
}
