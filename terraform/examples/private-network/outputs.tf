output "url" {
  value       = module.berth.url
  description = "Address of Berth."
}

output "webhook_url" {
  value       = module.berth.webhook_url
  description = "Webhook URL for the GitHub App."
}

output "setup_command" {
  value       = module.berth.setup_command
  description = "Command that creates the first project and prints its API key, once."
}

output "push_command" {
  value       = module.berth.push_command
  description = "Command that builds the runner's image and pushes it to the repository."
}
