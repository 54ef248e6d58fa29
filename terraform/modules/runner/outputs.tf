output "cluster_arn" {
  value       = aws_ecs_cluster.this.arn
  description = "ARN of the cluster."
}

output "cluster_name" {
  value       = aws_ecs_cluster.this.name
  description = "Name of the cluster."
}

output "task_definition_arn" {
  value       = aws_ecs_task_definition.runner.arn
  description = "ARN of the task definition with the runner, with its revision."
}

output "task_definition_family" {
  value       = aws_ecs_task_definition.runner.family
  description = "Family of the task definition."
}

output "container_name" {
  value       = local.container_name
  description = "Name of the container with the runner."
}

output "image" {
  value       = local.image
  description = "The runner's image."
}

output "repository_url" {
  value       = aws_ecr_repository.runner.repository_url
  description = "URL of the repository of the runner's image."
}

output "repository_name" {
  value       = aws_ecr_repository.runner.name
  description = "Name of the repository, for scripts/build-image.sh."
}

output "repository_arn" {
  value       = aws_ecr_repository.runner.arn
  description = "ARN of the repository."
}

output "log_group_name" {
  value       = aws_cloudwatch_log_group.runs.name
  description = "Log group of the runs."
}

output "log_group_arn" {
  value       = aws_cloudwatch_log_group.runs.arn
  description = "ARN of the log group of the runs."
}

output "log_stream_prefix" {
  value       = local.log_stream_prefix
  description = "Prefix of the log streams."
}

output "execution_role_arn" {
  value       = aws_iam_role.execution.arn
  description = "Role that ECS uses to start tasks."
}

output "task_role_arn" {
  value       = aws_iam_role.task.arn
  description = "Role of the code of trusted runs."
}

output "task_role_name" {
  value       = aws_iam_role.task.name
  description = "Name of the role of trusted code, to attach policies to."
}

output "project_role_arns" {
  value       = { for id, role in aws_iam_role.project : id => role.arn }
  description = "Roles of the trusted code of single projects, by the ID of the project."
}

output "untrusted_task_role_arn" {
  value       = aws_iam_role.untrusted_task.arn
  description = "Role of code from forks."
}
