output "url" {
  value       = module.app.url
  description = "Address of Berth."
}

output "webhook_url" {
  value       = "${module.app.url}/api/github/webhooks"
  description = "Webhook URL for the GitHub App."
}

output "setup_command" {
  value       = "printf '{\"task\":\"setup\"}' | aws lambda invoke --region ${local.region} --function-name ${module.app.function_names["schedule"]} --payload fileb:///dev/stdin /dev/stdout"
  description = "Command that creates the first project and prints its API key, once. It works with versions 1 and 2 of the AWS CLI."
}

output "repository_url" {
  value       = module.runner.repository_url
  description = "URL of the repository of the runner's image."
}

output "push_command" {
  value       = "AWS_REGION=${local.region} ECR_REPO_NAME=${module.runner.repository_name} IMAGE_TAG=${var.image_tag} PLATFORM=linux/${var.architecture == "arm64" ? "arm64" : "amd64"} scripts/build-image.sh"
  description = "Command that builds the runner's image and pushes it to the repository."
}

output "function_names" {
  value       = merge(module.app.function_names, { for name in module.batch[*].invoke_function_name : "invoke" => name })
  description = "Names of the functions by their purpose."
}

output "function_role_arns" {
  value       = module.app.function_role_arns
  description = "Roles of the functions by their purpose."
}

output "environment" {
  value       = module.app.environment
  description = "Environment variables of the functions: docs/configuration-aws.md."
}

output "table_name" {
  value       = module.app.table_name
  description = "Name of the table."
}

output "bucket_name" {
  value       = module.app.bucket_name
  description = "Name of the bucket for jobs, results, reports and artifacts."
}

output "queue_url" {
  value       = module.app.queue_url
  description = "URL of the queue between the functions."
}

output "dead_letter_queue_url" {
  value       = module.app.dead_letter_queue_url
  description = "URL of the queue for messages that failed."
}

output "kms_key_arn" {
  value       = module.app.kms_key_arn
  description = "KMS key of all stored data; null for AWS managed keys."
}

output "cluster_arn" {
  value       = module.runner.cluster_arn
  description = "ARN of the cluster of the tasks."
}

output "task_role_name" {
  value       = module.runner.task_role_name
  description = "Name of the role of trusted code, to attach policies to."
}

output "job_queue_arn" {
  value       = one(module.batch[*].job_queue_arn)
  description = "ARN of the job queue of event-driven runs; null without Batch."
}

output "vpc_id" {
  value       = module.network.vpc_id
  description = "VPC of the tasks."
}

output "subnet_ids" {
  value       = module.network.subnet_ids
  description = "Subnets of the tasks."
}

output "security_group_id" {
  value       = module.network.security_group_id
  description = "Security group of the tasks. Allow it in the security groups of the services that tests use."
}

output "domain_target" {
  value       = module.app.domain_target
  description = "Target for the DNS record of `domain`, if its zone is elsewhere."
}

output "artifacts_domain_target" {
  value       = module.app.artifacts_domain_target
  description = "Target for the DNS record of `artifacts_domain`, if its zone is elsewhere."
}

output "github_actions_role_arn" {
  value       = one(module.github_oidc[*].role_arn)
  description = "ARN of the role for workflows of GitHub Actions; null without one."
}
