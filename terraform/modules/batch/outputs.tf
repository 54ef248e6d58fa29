output "job_queue_arn" {
  value       = aws_batch_job_queue.this.arn
  description = "Queue of the jobs."
}

output "job_definition_arn" {
  value       = aws_batch_job_definition.trusted.arn
  description = "Job definition with the runner, with its revision."
}

output "job_definition_name" {
  value       = aws_batch_job_definition.trusted.name
  description = "Its name."
}

output "untrusted_job_definition_arn" {
  value       = aws_batch_job_definition.untrusted.arn
  description = "Job definition without a role, for code from forks."
}

output "untrusted_job_definition_name" {
  value       = aws_batch_job_definition.untrusted.name
  description = "Its name."
}

output "invoke_function_name" {
  value       = module.invoke.name
  description = "Function that asks for an event-driven run."
}

output "invoke_function_arn" {
  value       = module.invoke.arn
  description = "ARN of that function."
}
