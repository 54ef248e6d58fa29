output "url" {
  value       = module.server.url
  description = "Address of Berth."
}

output "webhook_url" {
  value       = "${module.server.url}/api/github/webhooks"
  description = "Webhook URL for the GitHub App."
}

output "domain_target" {
  value       = module.server.domain_target
  description = "Target for the DNS record of the domain name, if its zone is elsewhere."
}

output "push_command" {
  value       = "AWS_REGION=${var.region} ECR_REPO_NAME=${module.runner.repository_name} IMAGE_TAG=${var.image_tag} PLATFORM=linux/amd64 scripts/build-image.sh && AWS_REGION=${var.region} ECR_REPO_NAME=${module.server.repository_name} IMAGE_TAG=${var.server_image_tag} PLATFORM=linux/amd64 TARGET=server scripts/build-image.sh"
  description = "Command that builds the images of the runner and the server and pushes them to their repositories."
}
