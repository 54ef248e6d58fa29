output "url" {
  value       = module.app.url
  description = "Where people reach Berth."
}

output "webhook_url" {
  value       = "${module.app.url}/api/github/webhooks"
  description = "Webhook address of the GitHub App."
}

output "setup_command" {
  value       = "aws lambda invoke --region ${local.region} --function-name ${module.app.function_names["schedule"]} --cli-binary-format raw-in-base64-out --payload '{\"task\":\"setup\"}' /dev/stdout"
  description = "Makes the first project, and prints its API key this once."
}

output "repository_url" {
  value       = module.runner.repository_url
  description = "Repository that the runner's image is pushed to."
}

output "push_command" {
  value       = "AWS_REGION=${local.region} ECR_REPO_NAME=${module.runner.repository_name} IMAGE_TAG=${var.image_tag} PLATFORM=linux/${var.architecture == "arm64" ? "arm64" : "amd64"} scripts/build-image.sh"
  description = "Builds the runner's image and pushes it there."
}

output "function_names" {
  value       = merge(module.app.function_names, { for name in module.batch[*].invoke_function_name : "invoke" => name })
  description = "The functions, by what they are for."
}

output "function_role_arns" {
  value       = module.app.function_role_arns
  description = "The functions' roles."
}

output "environment" {
  value       = module.app.environment
  description = "What the functions are told: docs/configuration-aws.md."
}

output "table_name" {
  value       = module.app.table_name
  description = "The table."
}

output "bucket_name" {
  value       = module.app.bucket_name
  description = "The bucket of jobs, results, reports and artifacts."
}

output "queue_url" {
  value       = module.app.queue_url
  description = "The queue by which the functions call one another."
}

output "dead_letter_queue_url" {
  value       = module.app.dead_letter_queue_url
  description = "Where messages end that cannot be carried out."
}

output "kms_key_arn" {
  value       = module.app.kms_key_arn
  description = "Key of all that is stored; null for AWS's own."
}

output "cluster_arn" {
  value       = module.runner.cluster_arn
  description = "Cluster of the tasks."
}

output "task_role_name" {
  value       = module.runner.task_role_name
  description = "Role of the code of trusted runs, to attach policies to."
}

output "job_queue_arn" {
  value       = one(module.batch[*].job_queue_arn)
  description = "Queue of the jobs of event-driven runs; null without Batch."
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
  description = "Security group of the tasks: let it into what tests have to reach."
}

output "domain_target" {
  value       = module.app.domain_target
  description = "What the record of `domain` has to point to, where its zone is elsewhere."
}

output "github_actions_role_arn" {
  value       = one(module.github_oidc[*].role_arn)
  description = "Role for workflows of GitHub Actions; null without one."
}
