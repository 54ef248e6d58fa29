output "s3_bucket_name" {
  value       = module.berth.bucket_name
  description = "Bucket of the reports."
}

output "region" {
  value       = var.region
  description = "Region of the installation."
}

output "repository_name" {
  value       = "${var.project}-repo"
  description = "Repository of the image with the tests."
}

output "url" {
  value       = module.berth.url
  description = "Address of Berth, where you can see the runs."
}

output "setup_command" {
  value       = module.berth.setup_command
  description = "Command that creates an API key and prints it, once."
}
