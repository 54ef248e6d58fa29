output "job_queue_arn" {
  value       = aws_batch_job_queue.this.arn
  description = "ARN of the job queue."
}

output "compute_environment_name" {
  value       = aws_batch_compute_environment.this.compute_environment_name
  description = "Name of the compute environment."
}

output "job_definition_arn" {
  value       = aws_batch_job_definition.trusted.arn
  description = "ARN of the job definition with the runner, with its revision."
}

output "job_definition_name" {
  value       = aws_batch_job_definition.trusted.name
  description = "Name of the job definition with the runner."
}

output "project_job_definition_names" {
  value       = { for id, definition in aws_batch_job_definition.project : id => definition.name }
  description = "Names of the job definitions of single projects, by the ID of the project."
}

output "untrusted_job_definition_arn" {
  value       = aws_batch_job_definition.untrusted.arn
  description = "ARN of the job definition without a role, for code from forks."
}

output "untrusted_job_definition_name" {
  value       = aws_batch_job_definition.untrusted.name
  description = "Name of the job definition without a role."
}

output "invoke_function_name" {
  value       = module.invoke.name
  description = "Name of the function that requests an event-driven run."
}

output "invoke_function_arn" {
  value       = module.invoke.arn
  description = "ARN of the function that requests an event-driven run."
}
