variable "name" {
  type        = string
  description = "Prefix of all names."
}

variable "common" {
  type = object({
    tags                      = optional(map(string), {})
    role_path                 = optional(string, "/")
    role_permissions_boundary = optional(string)
    logging_retention_in_days = optional(number, 30)
    kms_key_arn               = optional(string)
  })
  default     = {}
  description = "Settings that all modules share: tags, the path and permissions boundary of roles, how long logs are kept, and the KMS key."
}

variable "create_vpc" {
  type        = bool
  default     = true
  description = "Whether to create a VPC. If false, `vpc_id` or `vpc_tags` names an existing one."
}

variable "egress" {
  type        = string
  default     = "public"
  description = "How tasks in the created VPC reach the internet. `public`: public subnets and IP addresses, no inbound traffic. `nat`: private subnets behind NAT gateways. `endpoints`: no internet; tasks reach only AWS services."

  validation {
    condition     = contains(["public", "nat", "endpoints"], var.egress)
    error_message = "The egress must be public, nat or endpoints."
  }
}

variable "vpc_cidr" {
  type        = string
  default     = "10.42.0.0/16"
  description = "IPv4 block of the created VPC, between /16 and /24."

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]), 0) <= 24 && try(tonumber(split("/", var.vpc_cidr)[1]), 0) >= 16
    error_message = "The CIDR must be an IPv4 block between /16 and /24, such as 10.42.0.0/16."
  }
}

variable "availability_zones" {
  type        = list(string)
  default     = []
  description = "Availability Zones of the subnets. If empty, the first `zone_count` zones of the region."

  validation {
    condition     = length(var.availability_zones) != 1 && length(var.availability_zones) <= 4
    error_message = "Set 2 to 4 zones, or none."
  }
}

variable "zone_count" {
  type        = number
  default     = 2
  description = "Number of Availability Zones, 2 to 4, if `availability_zones` is empty."

  validation {
    condition     = var.zone_count >= 2 && var.zone_count <= 4
    error_message = "zone_count must be between 2 and 4."
  }
}

variable "single_nat_gateway" {
  type        = bool
  default     = true
  description = "Whether all zones share one NAT gateway. This is cheaper, but tasks lose internet access if its zone fails."
}

variable "interface_endpoints" {
  type        = set(string)
  default     = null
  description = "Services with an interface endpoint, such as `ecr.api`. If null: the required ones with `egress = endpoints`, otherwise none."
}

variable "s3_endpoint_bucket_arns" {
  type        = list(string)
  default     = []
  description = "Buckets that tasks may reach with `egress = endpoints`, besides those of ECR. Without this limit, the S3 endpoint would reach every bucket of every account."
}

variable "functions_in_vpc" {
  type        = bool
  default     = false
  description = "Whether the functions run in this network. They get a security group and the endpoints that they need."
}

variable "functions_assume_roles" {
  type        = bool
  default     = false
  description = "Whether functions in the VPC assume roles for deployments. A closed network then has an endpoint for STS."
}

variable "vpc_id" {
  type        = string
  default     = null
  description = "ID of the existing VPC to use. If null, `vpc_tags` finds it."
}

variable "vpc_tags" {
  type        = map(string)
  default     = {}
  description = "Tags of the existing VPC to use, if `vpc_id` is null."
}

variable "subnet_tags" {
  type        = map(string)
  default     = null
  description = "Tags of the subnets to use in the existing VPC. If null, `network_tag`."
}

variable "assign_public_ip" {
  type        = bool
  default     = false
  description = "Whether tasks in an existing VPC get a public IP address. Set it to true for public subnets."
}

variable "network_tag" {
  type = object({
    key   = string
    value = string
  })
  default     = { key = "berth:network", value = "runner" }
  description = "Tag of the subnets and the security group of the tasks. Berth can find them by this tag."
}

variable "egress_ports" {
  type        = set(number)
  default     = [80, 443]
  description = "TCP ports that tasks may reach on the internet."

  validation {
    condition     = alltrue([for port in var.egress_ports : port >= 1 && port <= 65535])
    error_message = "Each port must be between 1 and 65535."
  }
}

variable "flow_logs" {
  type        = bool
  default     = false
  description = "Whether to log connections in the created VPC."
}
