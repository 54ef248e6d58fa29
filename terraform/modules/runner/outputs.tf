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
  description = "Task definition with the runner, with its revision."
}

output "task_definition_family" {
  value       = aws_ecs_task_definition.runner.family
  description = "Its family."
}

output "container_name" {
  value       = local.container_name
  description = "Container with the runner."
}

output "image" {
  value       = local.image
  description = "The runner's image."
}

output "repository_url" {
  value       = aws_ecr_repository.runner.repository_url
  description = "Repository that the runner's image is pushed to."
}

output "repository_name" {
  value       = aws_ecr_repository.runner.name
  description = "Its name, for scripts/build-image.sh."
}

output "repository_arn" {
  value       = aws_ecr_repository.runner.arn
  description = "Its ARN."
}

output "log_group_name" {
  value       = aws_cloudwatch_log_group.runs.name
  description = "Log group of the runs."
}

output "log_group_arn" {
  value       = aws_cloudwatch_log_group.runs.arn
  description = "ARN of that log group."
}

output "log_stream_prefix" {
  value       = local.log_stream_prefix
  description = "Begins the names of its streams."
}

output "execution_role_arn" {
  value       = aws_iam_role.execution.arn
  description = "Role that ECS starts tasks with."
}

output "task_role_arn" {
  value       = aws_iam_role.task.arn
  description = "Role of the code of trusted runs."
}

output "task_role_name" {
  value       = aws_iam_role.task.name
  description = "Name of that role, to attach policies to."
}

output "untrusted_task_role_arn" {
  value       = aws_iam_role.untrusted_task.arn
  description = "Role of the code from forks."
}
