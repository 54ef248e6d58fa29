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

variable "image" {
  type        = string
  default     = null
  description = "Image of the server. If null, `image_tag` in the repository that this module creates."
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the server's image in the repository that this module creates."
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  description = "CPU architecture of the server: `x86_64` or `arm64`. The image must match it."

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture must be x86_64 or arm64."
  }
}

variable "cpu" {
  type        = number
  default     = 512
  description = "CPU units of the server."
}

variable "memory" {
  type        = number
  default     = 1024
  description = "Memory of the server in MiB."
}

variable "domain" {
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  description = "Domain name of the server, its ACM certificate in this region, and the Route 53 zone for its record."
}

variable "allowed_cidrs" {
  type        = list(string)
  default     = ["0.0.0.0/0"]
  description = "IPv4 blocks that may reach the server. GitHub must be among them, and the addresses of tasks."
}

variable "network" {
  type = object({
    vpc_id            = string
    vpc_cidr          = string
    subnet_ids        = list(string)
    public_subnet_ids = list(string)
    security_group_id = string
    assign_public_ip  = bool
  })
  description = "Network of the server and the tasks. The load balancer is in the public subnets."
}

variable "runner" {
  type = object({
    cluster_arn             = string
    task_definition_family  = string
    container_name          = string
    log_group_name          = string
    log_group_arn           = string
    log_stream_prefix       = string
    execution_role_arn      = string
    task_role_arn           = string
    untrusted_task_role_arn = string
  })
  description = "Cluster and task definition of the tasks: outputs of the module `runner`."
}

variable "table" {
  type = object({
    name = string
    arn  = string
  })
  description = "DynamoDB table: outputs of the module `storage`."
}

variable "bucket" {
  type = object({
    name = string
    arn  = string
  })
  description = "S3 bucket: outputs of the module `storage`."
}

variable "github_app_secret_arn" {
  type        = string
  default     = null
  description = "ARN of a secret in Secrets Manager with the GitHub App as JSON: appId, privateKey, webhookSecret, clientId and clientSecret. If null, Berth runs without GitHub."
}

variable "secrets_prefix" {
  type        = string
  description = "Prefix of the secrets of suites."
}

variable "max_tasks" {
  type        = number
  default     = 100
  description = "Number of tasks that may run at the same time."
}

variable "environment" {
  type        = map(string)
  default     = {}
  description = "Other environment variables of the server: docs/configuration.md."
}

variable "force_delete" {
  type        = bool
  default     = false
  description = "Whether Terraform may delete the load balancer, and the repository while it contains images."
}
