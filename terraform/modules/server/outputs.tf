output "url" {
  value       = "https://${var.domain.name}"
  description = "Address of Berth."
}

output "domain_target" {
  value       = aws_lb.this.dns_name
  description = "Target for the DNS record of the domain name, if its zone is elsewhere."
}

output "repository_name" {
  value       = aws_ecr_repository.server.name
  description = "Name of the repository of the server's image."
}

output "service_name" {
  value       = aws_ecs_service.server.name
  description = "Name of the ECS service."
}

output "environment" {
  value       = local.environment
  description = "Environment variables of the server."
}
