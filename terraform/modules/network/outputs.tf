output "vpc_id" {
  value       = local.vpc_id
  description = "VPC of the tasks."
}

output "vpc_cidr" {
  value       = local.vpc_cidr
  description = "Addresses of that VPC."
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
  description = "Security group of functions in this network; null without any."
}

output "assign_public_ip" {
  value       = var.create_vpc ? var.egress == "public" : var.assign_public_ip
  description = "Whether tasks need a public address to come out."
}
