output "url" {
  value       = module.berth.url
  description = "Where people reach Berth."
}

output "webhook_url" {
  value       = module.berth.webhook_url
  description = "Webhook address of the GitHub App."
}

output "setup_command" {
  value       = module.berth.setup_command
  description = "Makes the first project, and prints its API key this once."
}

output "push_command" {
  value       = module.berth.push_command
  description = "Builds the runner's image and pushes it to the repository."
}
