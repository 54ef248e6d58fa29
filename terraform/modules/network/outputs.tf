output "vpc_id" {
  value       = local.vpc_id
  description = "VPC of the tasks."
}

output "vpc_cidr" {
  value       = local.vpc_cidr
  description = "IPv4 block of the VPC."
}

output "subnet_ids" {
  value       = local.subnet_ids
  description = "Subnets of the tasks."
}

output "security_group_id" {
  value       = aws_security_group.runner.id
  description = "Security group of the tasks."
}

output "functions_security_group_id" {
  value       = one(aws_security_group.functions[*].id)
  description = "Security group of the functions in this network; null if they run outside."
}

output "assign_public_ip" {
  value       = var.create_vpc ? var.egress == "public" : var.assign_public_ip
  description = "Whether tasks need a public IP address to reach the internet."
}

output "api_endpoint_id" {
  value       = try(aws_vpc_endpoint.interface["execute-api"].id, null)
  description = "Interface endpoint through which tasks reach a private API; null without one."
}

output "has_private_api" {
  value       = contains(local.interface_endpoints, "execute-api")
  description = "Whether tasks reach a private API through an interface endpoint."
}
