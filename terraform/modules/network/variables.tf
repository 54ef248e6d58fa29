variable "name" {
  type        = string
  description = "Begins the names of everything."
}

variable "create_vpc" {
  type        = bool
  default     = true
  description = "Whether a VPC is made; else the one with `vpc_id` or `vpc_tags` is used."
}

variable "egress" {
  type        = string
  default     = "public"
  description = "The tasks' way out of a VPC that is made. `public`: public subnets and addresses, no way in. `nat`: private subnets behind NAT gateways. `endpoints`: no way out, but to AWS services."

  validation {
    condition     = contains(["public", "nat", "endpoints"], var.egress)
    error_message = "The way out has to be public, nat or endpoints."
  }
}

variable "vpc_cidr" {
  type        = string
  default     = "10.42.0.0/16"
  description = "Addresses of the VPC that is made."

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]), 0) <= 24 && try(tonumber(split("/", var.vpc_cidr)[1]), 0) >= 16
    error_message = "Give an IPv4 block between /16 and /24, such as 10.42.0.0/16."
  }
}

variable "availability_zones" {
  type        = list(string)
  default     = []
  description = "Zones of the subnets; empty for the first `zone_count` of the region."

  validation {
    condition     = length(var.availability_zones) != 1 && length(var.availability_zones) <= 4
    error_message = "Name 2 to 4 zones, or none."
  }
}

variable "zone_count" {
  type        = number
  default     = 2
  description = "How many zones are used where `availability_zones` names none."

  validation {
    condition     = var.zone_count >= 2 && var.zone_count <= 4
    error_message = "Use 2 to 4 zones."
  }
}

variable "single_nat_gateway" {
  type        = bool
  default     = true
  description = "One NAT gateway for all zones, instead of one in each: cheaper, and gone with its zone."
}

variable "interface_endpoints" {
  type        = set(string)
  default     = null
  description = "Services with an interface endpoint, such as `ecr.api`. null: with `egress = endpoints` those that are needed, else none."
}

variable "s3_endpoint_bucket_arns" {
  type        = list(string)
  default     = []
  description = "Buckets that can be reached where the endpoints are the only way out, beside those of ECR. Without it an endpoint for S3 would be a way out to anybody's bucket."
}

variable "functions_in_vpc" {
  type        = bool
  default     = false
  description = "Whether functions run in this network: they get a security group, and the endpoints that they need."
}

variable "vpc_id" {
  type        = string
  default     = null
  description = "VPC to use instead of making one; null where `vpc_tags` tell it."
}

variable "vpc_tags" {
  type        = map(string)
  default     = {}
  description = "Tags of the VPC to use, where `vpc_id` does not name it."
}

variable "subnet_tags" {
  type        = map(string)
  default     = null
  description = "Tags of the subnets to use in that VPC. null: the tag of the tasks' network."
}

variable "assign_public_ip" {
  type        = bool
  default     = false
  description = "Whether tasks get a public address in a VPC that was there before: true in its public subnets."
}

variable "network_tag" {
  type = object({
    key   = string
    value = string
  })
  default     = { key = "berth:network", value = "runner" }
  description = "Tag of the tasks' subnets and security group, by which Berth can find them."
}

variable "egress_ports" {
  type        = set(number)
  default     = [80, 443]
  description = "TCP ports that tasks may reach on the internet, where there is a way out."

  validation {
    condition     = alltrue([for port in var.egress_ports : port >= 1 && port <= 65535])
    error_message = "A port is a number from 1 to 65535."
  }
}

variable "flow_logs" {
  type        = bool
  default     = false
  description = "Whether connections in a VPC that is made are logged."
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "Key for the flow log; null for AWS's own."
}

variable "logging_retention_in_days" {
  type        = number
  default     = 30
  description = "How long the flow log is kept."
}

variable "role_path" {
  type        = string
  default     = "/"
  description = "Path of the roles."
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that limits the roles."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of everything."
}
