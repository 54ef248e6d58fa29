output "arn" {
  value       = aws_lambda_function.this.arn
  description = "ARN of the function."
}

output "name" {
  value       = aws_lambda_function.this.function_name
  description = "Name of the function."
}

output "invoke_arn" {
  value       = aws_lambda_function.this.invoke_arn
  description = "ARN that API Gateway uses to invoke the function."
}

output "role_arn" {
  value       = aws_iam_role.this.arn
  description = "ARN of the role of the function."
}

output "role_name" {
  value       = aws_iam_role.this.name
  description = "Name of the role of the function."
}

output "log_group_name" {
  value       = aws_cloudwatch_log_group.this.name
  description = "Log group of the function."
}
